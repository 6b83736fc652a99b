#include "net/tls.h"

#include <arpa/inet.h>
#include <filesystem>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/assert.h"
#include "net/detail/certificate.h"

namespace pasu::net {
namespace {

struct ContextFreer {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, ContextFreer>;

// OpenSSL's oldest complaint of this thread; the queue is empty afterwards.
std::string complaint() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

Result<ContextPtr> new_context(const SSL_METHOD* method) {
  ContextPtr context(SSL_CTX_new(method));
  if (!context) return fail(Errc::internal, "TLS: {}", complaint());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // Connections last for hours, so resuming them is of little use, and librtmp with GnuTLS
  // (rtmpdump) takes a ticket in the place of its first bytes for an error.
  SSL_CTX_set_num_tickets(context.get(), 0);
  return context;
}

Result<void> must_exist(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return {};
  return fail(Errc::not_found, "{}: there is no such file", path);
}

Result<void> use_files(SSL_CTX* context, const TlsServerOptions& options) {
  if (options.certificate_file.empty() || options.key_file.empty()) {
    return fail(Errc::invalid_argument, "TLS needs both a certificate and its key, or neither");
  }
  TRY(must_exist(options.certificate_file));
  TRY(must_exist(options.key_file));
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1) {
    return fail(Errc::malformed, "{}: no PEM certificate: {}", options.certificate_file,
                complaint());
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(Errc::malformed, "{}: not the key of {}: {}", options.key_file,
                options.certificate_file, complaint());
  }
  return {};
}

Result<void> use_own(SSL_CTX* context, const std::string& directory) {
  const auto own = directory.empty() ? TRY(detail::make_certificate()) : TRY(detail::own_certificate(directory));
  BIO* bio =
      BIO_new_mem_buf(own.certificate_pem.data(), static_cast<int>(own.certificate_pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  bio = BIO_new_mem_buf(own.key_pem.data(), static_cast<int>(own.key_pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  const bool used = certificate != nullptr && key != nullptr &&
                    SSL_CTX_use_certificate(context, certificate) == 1 &&
                    SSL_CTX_use_PrivateKey(context, key) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  if (used) return {};
  return fail(Errc::malformed,
              "{}/server.crt and server.key: {}; delete both to have new ones made", directory,
              complaint());
}

bool is_ip(const std::string& name) {
  uint8_t ip[16];
  return inet_pton(AF_INET, name.c_str(), ip) == 1 || inet_pton(AF_INET6, name.c_str(), ip) == 1;
}

}  // namespace

struct TlsContext::Impl {
  ContextPtr context;
  bool server = false;
};

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::server(const TlsServerOptions& options) {
  ContextPtr context = TRY(new_context(TLS_server_method()));
  if (options.certificate_file.empty() && options.key_file.empty()) {
    TRY(use_own(context.get(), options.own_directory));
  } else {
    TRY(use_files(context.get(), options));
  }
  return std::shared_ptr<TlsContext>(
      new TlsContext(std::make_unique<Impl>(Impl{std::move(context), true})));
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(const TlsClientOptions& options) {
  ContextPtr context = TRY(new_context(TLS_client_method()));
  if (options.verify) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (options.ca_file.empty()) {
      SSL_CTX_set_default_verify_paths(context.get());
    } else {
      TRY(must_exist(options.ca_file));
      if (SSL_CTX_load_verify_locations(context.get(), options.ca_file.c_str(), nullptr) != 1) {
        return fail(Errc::malformed, "{}: no PEM certificates: {}", options.ca_file, complaint());
      }
    }
  }
  return std::shared_ptr<TlsContext>(
      new TlsContext(std::make_unique<Impl>(Impl{std::move(context), false})));
}

struct Tls::Impl {
  std::shared_ptr<TlsContext> context;
  std::string server_name;
  SSL* ssl = nullptr;
  BIO* in = nullptr;   // Owned by ssl.
  BIO* out = nullptr;  // Owned by ssl.
  bool closed = false;

  ~Impl() { SSL_free(ssl); }

  Result<void> failed(const char* what) const {
    const long verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK) {
      ERR_clear_error();
      return fail(Errc::malformed, "TLS: the certificate of '{}' is not accepted: {}", server_name,
                  X509_verify_cert_error_string(verdict));
    }
    return fail(Errc::malformed, "TLS: {}: {}", what, complaint());
  }
};

Tls::Tls(std::shared_ptr<TlsContext> context, const std::string& server_name)
    : impl_(std::make_unique<Impl>()) {
  impl_->server_name = server_name;
  impl_->ssl = SSL_new(context->impl_->context.get());
  ASSERT(impl_->ssl != nullptr);
  impl_->in = BIO_new(BIO_s_mem());
  impl_->out = BIO_new(BIO_s_mem());
  SSL_set_bio(impl_->ssl, impl_->in, impl_->out);
  if (context->impl_->server) {
    SSL_set_accept_state(impl_->ssl);
  } else {
    SSL_set_connect_state(impl_->ssl);
    if (is_ip(server_name)) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(impl_->ssl), server_name.c_str());
    } else if (!server_name.empty()) {
      SSL_set_tlsext_host_name(impl_->ssl, server_name.c_str());
      SSL_set1_host(impl_->ssl, server_name.c_str());
    }
  }
  impl_->context = std::move(context);
}

Tls::~Tls() = default;

Result<void> Tls::start() {
  std::vector<uint8_t> nothing;
  return receive({}, nothing);
}

Result<void> Tls::receive(ByteView cipher, std::vector<uint8_t>& plain) {
  if (!cipher.empty()) BIO_write(impl_->in, cipher.data(), static_cast<int>(cipher.size()));
  ERR_clear_error();
  if (!ready()) {
    const int result = SSL_do_handshake(impl_->ssl);
    if (result != 1) {
      if (SSL_get_error(impl_->ssl, result) == SSL_ERROR_WANT_READ) return {};
      return impl_->failed("no handshake");
    }
  }
  constexpr size_t kChunk = 16 << 10;  // A record's content at most.
  while (true) {
    const size_t before = plain.size();
    plain.resize(before + kChunk);
    const int count = SSL_read(impl_->ssl, plain.data() + before, kChunk);
    plain.resize(before + (count > 0 ? static_cast<size_t>(count) : 0));
    if (count > 0) continue;
    switch (SSL_get_error(impl_->ssl, count)) {
      case SSL_ERROR_WANT_READ:
        return {};
      case SSL_ERROR_ZERO_RETURN:
        impl_->closed = true;
        return {};
      default:
        return impl_->failed("broken record");
    }
  }
}

bool Tls::ready() const { return SSL_is_init_finished(impl_->ssl) == 1; }
bool Tls::closed() const { return impl_->closed; }

Result<void> Tls::encrypt(ByteView plain) {
  if (plain.empty()) return {};
  ERR_clear_error();
  const int count = SSL_write(impl_->ssl, plain.data(), static_cast<int>(plain.size()));
  if (count == static_cast<int>(plain.size())) return {};
  return impl_->failed("cannot encrypt");
}

void Tls::close() {
  SSL_shutdown(impl_->ssl);
  ERR_clear_error();
}

ByteView Tls::output() const {
  char* data = nullptr;
  const long size = BIO_get_mem_data(impl_->out, &data);
  return {reinterpret_cast<const uint8_t*>(data), static_cast<size_t>(size)};
}

void Tls::sent(size_t count) {
  uint8_t scratch[4096];
  while (count > 0) {
    const int read =
        BIO_read(impl_->out, scratch, static_cast<int>(std::min(count, sizeof scratch)));
    ASSERT(read > 0);
    count -= static_cast<size_t>(read);
  }
}

}  // namespace pasu::net
