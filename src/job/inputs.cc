#include "job/inputs.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>

#include "base/log.h"

namespace pasu::job {
namespace {

namespace fs = std::filesystem;

constexpr std::array kPictures = {".jpg", ".jpeg", ".png", ".bmp", ".webp",
                                  ".tif", ".tiff", ".ppm", ".pgm"};
constexpr std::array kVideos = {".mp4",  ".m4v", ".mov", ".mkv",  ".webm", ".avi", ".ts",   ".m2ts",
                                ".mts",  ".mpg", ".flv", ".mpeg", ".wmv",  ".asf", ".3gp",  ".264",
                                ".h264", ".265", ".mxf", ".h265", ".hevc", ".gif", ".mjpeg"};

std::string extension_of(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return extension;
}

template <class List>
bool is_one_of(const List& extensions, const fs::path& path) {
  return std::ranges::find(extensions, extension_of(path)) != extensions.end();
}

Task task_of(const std::string& input) {
  const bool picture = !is_url(input) && is_one_of(kPictures, input);
  return {.input = input, .output = {}, .kind = picture ? Task::Kind::picture : Task::Kind::video};
}

Result<void> add_folder(const std::string& folder, std::vector<Task>& tasks) {
  std::error_code error;
  std::vector<std::string> found;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path& path = it->path();
    std::error_code ignored;
    if (it->is_regular_file(ignored) && (is_one_of(kPictures, path) || is_one_of(kVideos, path)))
      found.push_back(path.string());
  }
  if (error) return fail(Errc::io, "{}: cannot be listed: {}", folder, error.message());
  if (found.empty())
    return fail(Errc::not_found, "{}: the folder holds no video and no picture", folder);
  std::ranges::sort(found);
  for (const std::string& path : found) tasks.push_back(task_of(path));
  return {};
}

// A name for what comes of `input`: a file's without its extension; of a URL the last part of the
// path or the host, so that no password gets into it.
std::string stem_of(const std::string& input) {
  if (!is_url(input)) return fs::path(input).stem().string();
  std::string rest = input.substr(input.find("://") + 3);
  rest = rest.substr(0, rest.find_first_of("?#"));
  const size_t slash = rest.find('/');
  const std::string authority = rest.substr(0, slash);
  const std::string host = authority.substr(authority.rfind('@') + 1);
  std::string name = host;
  if (slash != std::string::npos) name += rest.substr(slash);
  while (name.ends_with('/')) name.pop_back();
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-';
    if (!plain) c = '_';
  }
  return name;
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  return fs::absolute(a, error).lexically_normal() == fs::absolute(b, error).lexically_normal();
}

Result<void> name_in_folder(const std::string& folder, std::vector<Task>& tasks) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder))
    return fail(Errc::io, "{}: the folder cannot be made: {}", folder,
                error ? error.message() : "a file of that name is there");
  std::set<std::string> taken;
  for (Task& task : tasks) {
    const std::string stem = stem_of(task.input);
    const char* extension = task.kind == Task::Kind::picture ? ".jpg" : ".mp4";
    std::string name = stem + extension;
    for (int i = 2; !taken.insert(name).second; ++i)
      name = fmt::format("{}-{}{}", stem, i, extension);
    task.output = (fs::path(folder) / name).string();
  }
  return {};
}

Result<void> name_outputs(const std::string& output, bool from_folder, std::vector<Task>& tasks) {
  if (output.empty()) return {};
  std::error_code error;
  const bool folder_wanted = output.ends_with('/') || fs::is_directory(output, error) ||
                             fs::path(output).extension().empty();
  if (folder_wanted) return name_in_folder(output, tasks);
  if (tasks.size() > 1 || from_folder)
    return fail(Errc::invalid_argument,
                "-o {}: is one file, but there is more than one input; name a folder", output);
  Task& task = tasks.front();
  const std::string extension = extension_of(output);
  if (task.kind == Task::Kind::picture && extension != ".jpg" && extension != ".jpeg")
    return fail(Errc::invalid_argument, "-o {}: pictures are written as JPEG; name it {}", output,
                fs::path(output).replace_extension(".jpg").string());
  task.output = output;
  return {};
}

Result<void> check_distinct(const std::vector<Task>& tasks, const std::string& json) {
  const bool json_file = !json.empty() && json != "-";
  for (const Task& reader : tasks) {
    if (is_url(reader.input)) continue;
    for (const Task& writer : tasks)
      if (!writer.output.empty() && same_file(reader.input, writer.output))
        return fail(Errc::invalid_argument,
                    "{}: is an input and would be overwritten; choose another -o", writer.output);
    if (json_file && same_file(reader.input, json))
      return fail(Errc::invalid_argument,
                  "{}: is an input and would be overwritten; choose another --json", json);
  }
  if (!json_file) return {};
  for (const Task& writer : tasks)
    if (!writer.output.empty() && same_file(writer.output, json))
      return fail(Errc::invalid_argument, "{}: is named by both -o and --json", json);
  return {};
}

}  // namespace

bool is_url(const std::string& input) {
  return input.find("://") != std::string::npos && !input.starts_with("file://");
}

Result<std::vector<Task>> plan(const PlanOptions& options) {
  std::vector<Task> tasks;
  bool from_folder = false;
  for (const std::string& input : options.inputs) {
    std::error_code error;
    if (!is_url(input) && fs::is_directory(input, error)) {
      TRY(add_folder(input, tasks));
      from_folder = true;
    } else {
      tasks.push_back(task_of(input));
    }
  }
  if (tasks.empty()) return fail(Errc::invalid_argument, "no input was named");
  TRY(name_outputs(options.output, from_folder, tasks));
  TRY(check_distinct(tasks, options.json));
  return tasks;
}

}  // namespace pasu::job
