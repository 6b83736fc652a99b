#include "hub/registry.h"

namespace pasu::hub {

Registry::~Registry() {
  for (const auto& stream : streams()) stream->end("the server stops");
}

Result<std::shared_ptr<Stream>> Registry::add(const std::string& path, StreamHooks hooks) {
  std::lock_guard lock(mutex_);
  if (entries_.contains(path)) return fail(Errc::exists, "there is a stream '{}' already", path);
  return insert(path, std::move(hooks), true);
}

// Under the lock.
Result<std::shared_ptr<Stream>> Registry::insert(const std::string& path, StreamHooks hooks,
                                                 bool declared) {
  if (entries_.size() >= kStreamsMax) {
    return fail(Errc::too_large, "stream '{}': there are {} streams already, the most possible",
                path, kStreamsMax);
  }
  auto stream = std::make_shared<Stream>(path, std::move(hooks), clock_);
  entries_[path] = {stream, declared};
  return stream;
}

void Registry::remove(const std::string& path, const std::string& reason) {
  std::shared_ptr<Stream> stream;
  {
    std::lock_guard lock(mutex_);
    const auto at = entries_.find(path);
    if (at == entries_.end()) return;
    stream = at->second.stream;
    entries_.erase(at);
  }
  stream->end(reason);
}

Result<std::unique_ptr<Publication>> Registry::publish(const std::string& path) {
  std::lock_guard lock(mutex_);
  std::shared_ptr<Stream> stream;
  if (const auto at = entries_.find(path); at != entries_.end()) {
    stream = at->second.stream;
  } else {
    stream = TRY(insert(path, {}, false));
  }
  if (!stream->begin_publication()) {
    return fail(Errc::exists, "somebody publishes '{}' already", path);
  }
  // One lock over all of it: the next publisher finds the path free or taken, never half left.
  auto on_end = [this, path, stream] {
    std::lock_guard end_lock(mutex_);
    stream->end_publication();
    const auto at = entries_.find(path);
    if (at == entries_.end() || at->second.stream != stream || at->second.declared) return;
    entries_.erase(at);
    stream->end("its publisher left");
  };
  return std::make_unique<Publication>(std::move(stream), std::move(on_end));
}

std::shared_ptr<Stream> Registry::find(const std::string& path) const {
  std::lock_guard lock(mutex_);
  const auto at = entries_.find(path);
  return at == entries_.end() ? nullptr : at->second.stream;
}

std::vector<std::shared_ptr<Stream>> Registry::streams() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Stream>> out;
  for (const auto& [path, entry] : entries_) out.push_back(entry.stream);
  return out;
}

}  // namespace pasu::hub
