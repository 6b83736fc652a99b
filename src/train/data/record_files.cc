// Which files a name of records stands for.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "train/data/tfrecord.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;

/// ? is any byte, * any run of them.
bool matches(std::string_view text, std::string_view pattern) {
  size_t t = 0, p = 0, star = pattern.npos, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++t;
      ++p;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

struct Shard {
  std::string base;
  int number = 0, count = 0;
};

/// NAME-00001-of-00010 taken apart.
std::optional<Shard> shard_of(std::string_view name) {
  constexpr std::string_view kShape =
      "-?????"
      "-of-?????";
  if (name.size() <= kShape.size()) return std::nullopt;
  const auto tail = name.substr(name.size() - kShape.size());
  if (!matches(tail, kShape)) return std::nullopt;
  Shard shard{.base = std::string(name.substr(0, name.size() - kShape.size()))};
  for (const auto& [at, value] : {std::pair(size_t{1}, &shard.number), {10, &shard.count}}) {
    const char* digits = tail.data() + at;
    const auto [end, code] = std::from_chars(digits, digits + 5, *value);
    if (code != std::errc() || end != digits + 5) return std::nullopt;
  }
  return shard;
}

/// Every file of `folder` whose name matches, by name.
std::vector<fs::path> list(const fs::path& folder, std::string_view pattern) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator it(folder.empty() ? "." : folder, error), end; !error && it != end;
       it.increment(error))
    if (matches(it->path().filename().string(), pattern) && it->is_regular_file(error))
      out.push_back(folder / it->path().filename());
  std::ranges::sort(out);
  return out;
}

/// Shards of one set must be all there.
Result<void> check_whole(const std::vector<fs::path>& files) {
  std::map<std::string, std::vector<Shard>> sets;
  for (const fs::path& file : files)
    if (auto shard = shard_of(file.filename().string())) sets[shard->base].push_back(*shard);
  for (const auto& [base, shards] : sets) {
    const int count = shards.front().count;
    for (size_t i = 0; i < shards.size() || static_cast<int>(i) < count; ++i) {
      if (i < shards.size() && shards[i].count != count)
        return fail(Errc::malformed, "{}: shards of {} and of {} files lie together", base, count,
                    shards[i].count);
      if (i >= shards.size() || shards[i].number != static_cast<int>(i))
        return fail(Errc::malformed, "{}-{:05}-of-{:05}: this shard is missing", base, i, count);
    }
  }
  return {};
}

}  // namespace

Result<std::vector<fs::path>> record_files(const std::string& name) {
  const fs::path path(name);
  std::error_code error;
  if (fs::is_regular_file(path, error)) return std::vector{path};
  std::string pattern = path.filename().string();
  if (const size_t at = pattern.rfind('@');
      at != pattern.npos && at + 1 < pattern.size() &&
      std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(at) + 1, pattern.end(),
                  [](char c) { return c >= '0' && c <= '9'; }))
    pattern = fmt::format(
        "{}-?????"
        "-of-{:0>5}",
        pattern.substr(0, at), pattern.substr(at + 1));
  else if (pattern.find_first_of("?*") == pattern.npos)
    pattern +=
        "-?????"
        "-of-?????";
  auto files = list(path.parent_path(), pattern);
  if (files.empty()) return fail(Errc::not_found, "{}: no such file, and no shards of it", name);
  TRY(with_context(check_whole(files), path.parent_path().string()));
  return files;
}

}  // namespace pasu::data
