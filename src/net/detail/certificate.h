// A certificate signed by itself, for encryption where nobody set one up.
#pragma once

#include <string>

#include "base/result.h"

namespace pasu::net::detail {

struct CertificateAndKey {
  std::string certificate_pem, key_pem;
};

/// EC P-256, for "localhost" and this computer's name, valid ten years.
[[nodiscard]] Result<CertificateAndKey> make_certificate();

/// The one kept in `directory` (server.crt, server.key), made where there is none. The key is
/// readable by its owner alone. Errors: io, malformed, each with the file's name.
[[nodiscard]] Result<CertificateAndKey> own_certificate(const std::string& directory);

}  // namespace pasu::net::detail
