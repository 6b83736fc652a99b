// For this folder's fuzzers: an owner that answers every question, and pieces cut by the input.
#pragma once

#include <cstdint>

#include "wire/rtmp/client_session.h"
#include "wire/rtmp/server_session.h"

namespace pasu::rtmp {

/// Takes the server's events and answers: yes, or by `choices` no. False: the connection is over.
inline bool answer(ServerSession& server, uint32_t& choices, MonoTime now) {
  while (auto event = server.next_event()) {
    const bool yes = (choices & 7) != 7;
    Result<void> done;
    if (std::get_if<ServerSession::Connect>(&*event)) {
      if (yes) {
        done = server.accept_connect(now);
      } else {
        server.reject_connect("no");
      }
    } else if (std::get_if<ServerSession::Publish>(&*event)) {
      if (yes) {
        done = server.accept_publish(now);
      } else {
        server.reject_publish(Refusal::busy, "no");
      }
    } else if (std::get_if<ServerSession::Play>(&*event)) {
      if (yes) {
        done = server.accept_play(now);
      } else {
        server.reject_play(Refusal::not_found, "no");
      }
    } else {
      continue;
    }
    choices = choices >> 1 | choices << 31;
    if (!done) return false;
  }
  return true;
}

}  // namespace pasu::rtmp
