// A file of any bytes through demuxer, decoder and fragment muxer.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "av/decoder.h"
#include "av/demuxer.h"
#include "av/muxer.h"
#include "base/assert.h"

namespace {

using namespace pasu;

void drain(av::VideoDecoder& decoder) {
  for (int i = 0; i < 64; ++i) {
    const auto frame = decoder.take();
    if (!frame || !*frame) return;
    ASSERT((*frame)->width > 0 && (*frame)->height > 0 && (*frame)->planes[0].data != nullptr);
    ASSERT((*frame)->planes[0].stride >= (*frame)->width);
  }
}

void play(av::Demuxer& demuxer) {
  const media::StreamInfo* video = av::find_video(demuxer.info());
  if (video == nullptr || int64_t{video->width} * video->height > 1 << 20) return;
  auto decoder = av::VideoDecoder::create(*video);
  std::unique_ptr<av::FragmentMuxer> muxer;
  for (int i = 0; i < 32; ++i) {
    const auto unit = demuxer.read();
    if (!unit) continue;
    if (!*unit) return;
    ASSERT((*unit)->stream >= 0 &&
           static_cast<size_t>((*unit)->stream) < demuxer.info().streams.size());
    if ((*unit)->stream != video->index) continue;
    if (!muxer) {
      if (auto made = av::FragmentMuxer::create(*video, **unit)) muxer = std::move(*made);
    }
    if (muxer) (void)muxer->fragment(**unit);
    if (!decoder) continue;
    (void)(*decoder)->push(**unit);
    drain(**decoder);
  }
  if (!decoder) return;
  (*decoder)->finish();
  drain(**decoder);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int file = memfd_create("fuzz", MFD_CLOEXEC);
  ASSERT(file >= 0);
  ASSERT(write(file, data, size) == static_cast<ssize_t>(size));
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (const auto demuxer = av::Demuxer::open(path)) {
    play(**demuxer);
    if ((*demuxer)->rewind()) (void)(*demuxer)->read();
  }
  close(file);
  return 0;
}
