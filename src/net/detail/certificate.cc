#include "net/detail/certificate.h"

#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace pasu::net::detail {
namespace {

constexpr long kValidSeconds = 10L * 365 * 24 * 3600;

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free>>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

bool add_names(X509* certificate, const std::string& host) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::string names = "DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1,DNS:" + host;
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, names.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  // What could not stand in a list of names is left out of the certificate.
  const std::string text(name);
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789-.") == std::string::npos;
  return plain ? text : "localhost";
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return fail(Errc::io, "{}: cannot be read", path);
  return text.str();
}

Result<void> write_file(const std::string& path, const std::string& text, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) return fail(Errc::io, "{}: {}", path, std::strerror(errno));
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  if (!written) return fail(Errc::io, "{}: cannot be written", path);
  return {};
}

}  // namespace

Result<CertificateAndKey> make_certificate() {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate(X509_new());
  uint8_t serial[8];
  if (!key || !certificate || RAND_bytes(serial, sizeof serial) != 1) {
    return fail(Errc::internal, "the TLS library made no key");
  }
  serial[0] &= 0x7F;
  X509_set_version(certificate.get(), X509_VERSION_3);
  uint64_t number = 0;
  std::memcpy(&number, serial, sizeof number);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), number);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -24L * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidSeconds);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const uint8_t*>("pasu"), -1,
                             -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const BioPtr certificate_text(BIO_new(BIO_s_mem())), key_text(BIO_new(BIO_s_mem()));
  if (!add_names(certificate.get(), host_name()) ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0 ||
      PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return fail(Errc::internal, "the TLS library made no certificate");
  }
  return CertificateAndKey{text_of(certificate_text.get()), text_of(key_text.get())};
}

Result<CertificateAndKey> own_certificate(const std::string& directory) {
  const std::string certificate_path = directory + "/server.crt",
                    key_path = directory + "/server.key";
  std::error_code error;
  if (std::filesystem::exists(certificate_path, error) &&
      std::filesystem::exists(key_path, error)) {
    return CertificateAndKey {
      TRY(read_file(certificate_path))
      , TRY(read_file(key_path))
    };
  }
  std::filesystem::create_directories(directory, error);
  CertificateAndKey made = TRY(make_certificate());
  TRY(write_file(key_path, made.key_pem, 0600));
  TRY(write_file(certificate_path, made.certificate_pem, 0644));
  return made;
}

}  // namespace pasu::net::detail
