#include <algorithm>
#include <cstdint>
#include <vector>

#include "wire/rtmp/fuzz_support.h"
#include "wire/rtmp/stream_writer.h"

using namespace pasu;

namespace {

// What the pipe does next, read off the input; zeros at its end.
class Script {
 public:
  explicit Script(ByteView bytes) : bytes_(bytes) {}
  uint8_t next() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }
  [[nodiscard]] bool done() const { return at_ >= bytes_.size(); }

 private:
  ByteView bytes_;
  size_t at_ = 0;
};

// Delivers some of `bytes` in pieces, one now and then damaged. False: the other end gave up.
template <class Session>
bool deliver(Session& to, std::vector<uint8_t>& bytes, Script& script, bool& damaged,
             MonoTime now) {
  while (!bytes.empty()) {
    const uint8_t move = script.next();
    if ((move & 0xc0) == 0xc0 && !script.done()) {
      bytes[script.next() * size_t{17} % bytes.size()] ^= script.next() | 1;
      damaged = true;
    }
    if ((move & 0xe0) == 0xa0) return true;  // The rest comes later.
    const size_t piece = script.done() ? bytes.size() : 1 + (move & 0x1f) * size_t{97};
    const size_t size = std::min(bytes.size(), piece);
    const auto done = to.receive(ByteView(bytes).first(size), now);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    if (!done) {
      if (!damaged) __builtin_trap();  // Between two of ours nothing goes wrong by itself.
      return false;
    }
  }
  return true;
}

media::AccessUnit audio_unit(uint8_t value) {
  media::AccessUnit unit;
  unit.data = Bytes::copy(std::vector<uint8_t>(1 + value * size_t{40}, value));
  unit.dts = unit.pts = std::chrono::milliseconds(value * 1000);
  return unit;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using Client = rtmp::ClientSession;
  Script script({data, size});
  MonoTime now(std::chrono::hours(1));
  Client::Options options;
  options.mode = (script.next() & 1) != 0 ? Client::Mode::publish : Client::Mode::play;
  Client client(rtmp::Url::parse("rtmp://host/app/key").value(), options, now);
  rtmp::ServerSession server(now);
  media::StreamInfo stream;
  stream.kind = media::MediaKind::audio;
  stream.codec = media::Codec::pcmu;
  stream.codec_name = "pcm_mulaw";
  auto writer = rtmp::StreamWriter::create({&stream, 1}).value();

  std::vector<uint8_t> up, down;
  bool damaged = false;
  uint32_t always_yes = 0;
  int after = 0;  // Turns since the script's end: then nothing is held back any more.
  for (int turn = 0; turn < 200 && after < 40; ++turn) {
    after += script.done() ? 1 : 0;
    for (const Bytes& out : client.take_output())
      up.insert(up.end(), out.view().begin(), out.view().end());
    if (!deliver(server, up, script, damaged, now)) return 0;
    if (!rtmp::answer(server, always_yes, now)) return 0;
    if (server.playing()) {
      if (turn % 8 == 0) server.send(writer.header({}));
      server.send(writer.write(audio_unit(script.next())).value());
    }
    for (const Bytes& out : server.take_output())
      down.insert(down.end(), out.view().begin(), out.view().end());
    if (!deliver(client, down, script, damaged, now)) return 0;
    while (const auto event = client.next_event()) {
      if (std::get_if<Client::Started>(&*event) == nullptr) continue;
      if (options.mode == Client::Mode::publish && !client.set_streams({&stream, 1}, {})) {
        __builtin_trap();
      }
    }
    if (client.started() && options.mode == Client::Mode::publish) {
      if (!client.write(audio_unit(script.next()))) __builtin_trap();
    }
  }
  // An undamaged pipe gets there.
  if (!damaged && after == 40 && !client.started()) __builtin_trap();
  return 0;
}
