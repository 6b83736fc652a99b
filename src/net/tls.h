// TLS as a filter without a socket: what came from the network in, plain bytes out, and back.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::net {

struct TlsServerOptions {
  /// PEM files. Both empty: a certificate of our own, signed by itself.
  std::string certificate_file{}, key_file{};
  /// Where our own certificate is kept over restarts (server.crt, server.key); made on first use.
  /// Empty: a new one each time, in memory.
  std::string own_directory{};
};

struct TlsClientOptions {
  /// Off: any certificate is taken, as cameras have none that anybody signed.
  bool verify = true;
  std::string ca_file{};  ///< PEM; empty: those of the system.
};

/// Certificates and rules, shared by connections. TLS 1.2 and later.
class TlsContext {
 public:
  /// Errors: not_found and malformed name the file; io.
  [[nodiscard]] static Result<std::shared_ptr<TlsContext>> server(const TlsServerOptions& options);
  [[nodiscard]] static Result<std::shared_ptr<TlsContext>> client(const TlsClientOptions& options);
  ~TlsContext();

 private:
  friend class Tls;
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One connection's TLS.
class Tls {
 public:
  /// `server_name` is asked for and verified by a client; a server leaves it empty.
  explicit Tls(std::shared_ptr<TlsContext> context, const std::string& server_name = {});
  ~Tls();

  /// Takes what came from the network and appends what it says to `plain`. `closed()` may be true
  /// afterwards. Errors end the connection, after what is to be sent has been: malformed.
  [[nodiscard]] Result<void> receive(ByteView cipher, std::vector<uint8_t>& plain);
  /// A client's first words. A server answers in receive().
  [[nodiscard]] Result<void> start();
  [[nodiscard]] bool ready() const;   ///< The handshake is done: encrypt() may be called.
  [[nodiscard]] bool closed() const;  ///< The other side said good-bye.
  [[nodiscard]] Result<void> encrypt(ByteView plain);
  /// Says good-bye.
  void close();

  /// What is to be sent to the network; empty where there is nothing. Valid until the next call.
  [[nodiscard]] ByteView output() const;
  /// The first `count` bytes of it have been sent.
  void sent(size_t count);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pasu::net
