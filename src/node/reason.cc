#include "node/reason.h"

#include "node/config.h"

namespace pasu::node {
namespace {

Reason of_file(Errc code) {
  switch (code) {
    case Errc::not_found:
      return Reason::no_such_file;
    case Errc::io:
      return Reason::unreadable_file;
    case Errc::malformed:
    case Errc::truncated:
      return Reason::damaged_file;
    case Errc::unsupported:
      return Reason::unsupported;
    default:
      return Reason::other;
  }
}

// As net::PullEvents::on_end has the codes: by what helps.
Reason of_stream(Errc code) {
  switch (code) {
    case Errc::unavailable:
    case Errc::io:
      return Reason::unreachable;
    case Errc::timeout:
      return Reason::silent;
    case Errc::invalid_argument:
      return Reason::login;
    case Errc::not_found:
      return Reason::not_found;
    case Errc::malformed:
    case Errc::truncated:
      return Reason::no_stream;
    case Errc::unsupported:
      return Reason::unsupported;
    default:
      return Reason::other;
  }
}

}  // namespace

const char* to_string(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "";
    case Reason::no_publisher:
      return "no_publisher";
    case Reason::unreachable:
      return "unreachable";
    case Reason::silent:
      return "silent";
    case Reason::login:
      return "login";
    case Reason::not_found:
      return "not_found";
    case Reason::no_stream:
      return "no_stream";
    case Reason::unsupported:
      return "unsupported";
    case Reason::no_such_file:
      return "no_such_file";
    case Reason::unreadable_file:
      return "unreadable_file";
    case Reason::damaged_file:
      return "damaged_file";
    case Reason::damaged_pictures:
      return "damaged_pictures";
    case Reason::decoder_behind:
      return "decoder_behind";
    case Reason::detector_behind:
      return "detector_behind";
    case Reason::nothing_moves:
      return "nothing_moves";
    case Reason::nobody_seen:
      return "nobody_seen";
    case Reason::no_key_frame:
      return "no_key_frame";
    case Reason::long_gop:
      return "long_gop";
    case Reason::other:
      return "other";
  }
  return "other";
}

Why why_lost(const Error& error, const std::string& url) {
  const bool is_stream = url == kPublish || url.find("://") != std::string::npos;
  return {is_stream ? of_stream(error.code()) : of_file(error.code()), error.message()};
}

}  // namespace pasu::node
