#include "base/bytes.h"

#include <cstring>

namespace pasu {

Bytes Bytes::copy(ByteView view) {
  auto storage = std::make_shared_for_overwrite<uint8_t[]>(view.size() + kPadding);
  if (!view.empty()) std::memcpy(storage.get(), view.data(), view.size());
  std::memset(storage.get() + view.size(), 0, kPadding);
  const uint8_t* data = storage.get();
  return share(std::move(storage), {data, view.size()});
}

}  // namespace pasu
