#include "node/stream_access.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <random>

#include "base/part_file.h"
#include "base/read_file.h"

namespace pasu::node {
namespace {

// Without letters and digits that look alike. 55^14 is more than 2^80.
constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
constexpr size_t kPasswordLength = 14;

std::string random_password() {
  std::random_device device;  // The kernel's random numbers.
  std::uniform_int_distribution<size_t> pick(0, kLetters.size() - 1);
  std::string out;
  for (size_t i = 0; i < kPasswordLength; ++i) out += kLetters[pick(device)];
  return out;
}

bool any_covers(const std::vector<std::string>& rights, std::string_view path) {
  return std::ranges::any_of(rights, [&](const std::string& right) { return covers(right, path); });
}

}  // namespace

bool covers(std::string_view right, std::string_view path) {
  if (right == "*") return true;
  return path.starts_with(right) && (path.size() == right.size() || path[right.size()] == '/');
}

const UserConfig* StreamAccess::find(std::string_view user) const {
  const auto at = std::ranges::find(users_, user, &UserConfig::name);
  return at == users_.end() ? nullptr : &*at;
}

std::optional<std::string> StreamAccess::password_of(std::string_view user) const {
  const UserConfig* found = find(user);
  if (found == nullptr || found->password.empty()) return std::nullopt;
  return found->password;
}

bool StreamAccess::may_read(std::string_view user, std::string_view path) const {
  const UserConfig* anyone = find(kAnyone);
  if (anyone != nullptr && any_covers(anyone->read, path)) return true;
  const UserConfig* found = find(user);
  return found != nullptr && any_covers(found->read, path);
}

bool StreamAccess::may_publish(std::string_view user, std::string_view path) const {
  {
    std::shared_lock lock(mutex_);
    if (!open_paths_.contains(path)) return false;
  }
  const UserConfig* anyone = find(kAnyone);
  if (anyone != nullptr && any_covers(anyone->publish, path)) return true;
  const UserConfig* found = find(user);
  return found != nullptr && any_covers(found->publish, path);
}

void StreamAccess::open_path(const std::string& path) {
  std::unique_lock lock(mutex_);
  open_paths_.insert(path);
}

void StreamAccess::close_path(const std::string& path) {
  std::unique_lock lock(mutex_);
  open_paths_.erase(path);
}

Result<UserConfig> first_user(const std::string& folder) {
  UserConfig user;
  user.name = "pasu";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string path = folder + "/stream_password";
  if (std::filesystem::exists(path, error)) {
    user.password = TRY(read_file(path, 4096));
    while (!user.password.empty() && user.password.back() == '\n') user.password.pop_back();
    if (user.password.empty())
      return fail(Errc::malformed, "{} is empty; write a password in it, or remove it", path);
    return user;
  }
  user.password = random_password();
  WriteOptions options;
  options.mode = 0600;
  TRY(write_file(path, as_bytes(user.password + "\n"), options));
  return user;
}

}  // namespace pasu::node
