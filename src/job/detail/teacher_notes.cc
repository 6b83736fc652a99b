#include "job/detail/teacher_notes.h"

#include <cmath>

#include "base/json_text.h"
#include "train/data/json_reader.h"

namespace pasu::job::detail {
namespace {

using data::JsonReader;

constexpr int kTeachersMax = 32;

Result<geom::Detection> parse_box(JsonReader& json) {
  float numbers[5];
  size_t n = 0;
  TRY(json.enter_array());
  while (TRY(json.next_element())) {
    const auto value = static_cast<float>(TRY(json.number()));
    if (n == 5 || !std::isfinite(value))
      return fail(Errc::malformed, "expected five numbers: x, y, w, h, score");
    numbers[n++] = value;
  }
  if (n != 5) return fail(Errc::malformed, "expected five numbers: x, y, w, h, score");
  return geom::Detection{.box = {numbers[0], numbers[1], numbers[2], numbers[3]},
                         .score = numbers[4]};
}

Result<std::vector<geom::Detection>> parse_boxes(JsonReader& json) {
  std::vector<geom::Detection> out;
  TRY(json.enter_array());
  while (TRY(json.next_element())) out.push_back(TRY(parse_box(json)));
  return out;
}

Result<geom::Size> parse_size(JsonReader& json) {
  int64_t sides[2] = {0, 0};
  size_t n = 0;
  TRY(json.enter_array());
  while (TRY(json.next_element())) {
    const int64_t side = TRY(json.integer());
    if (n == 2 || side < 1 || side > 1'000'000)
      return fail(Errc::malformed, "expected a width and a height");
    sides[n++] = side;
  }
  if (n != 2) return fail(Errc::malformed, "expected a width and a height");
  return geom::Size{static_cast<int>(sides[0]), static_cast<int>(sides[1])};
}

Result<std::pair<std::string, TeacherNote>> parse_line(std::string_view line, size_t teachers) {
  JsonReader json(line);
  std::string picture;
  TeacherNote note;
  TRY(json.enter_object());
  while (const auto key = TRY(json.next_key())) {
    if (*key == "picture") {
      picture = TRY(json.string());
    } else if (*key == "size") {
      note.size = TRY(parse_size(json));
    } else if (*key == "found") {
      TRY(json.enter_array());
      while (TRY(json.next_element())) {
        if (note.found.size() == kTeachersMax) return fail(Errc::malformed, "too many teachers");
        note.found.push_back(TRY(parse_boxes(json)));
      }
    } else {
      TRY(json.skip());
    }
  }
  TRY(json.finish());
  if (picture.empty() || note.size == geom::Size{} || note.found.size() != teachers)
    return fail(Errc::malformed, "no note of {} teachers on a picture", teachers);
  return std::pair(std::move(picture), std::move(note));
}

}  // namespace

Result<TeacherNotes> parse_teacher_notes(std::string_view text, const std::string& path,
                                         const std::vector<std::string>& teachers,
                                         float score_min) {
  TeacherNotes out;
  std::string head = teacher_notes_head(teachers, score_min);
  head.pop_back();
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    if (end == text.npos) break;  // Cut short.
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (number == 1) {
      if (line != head)
        return fail(Errc::malformed,
                    "{}: line 1: notes of another run, {}; this one is {}: remove the file or name "
                    "another",
                    path, line.substr(0, 300), head);
      continue;
    }
    auto parsed = TRY(
        with_context(parse_line(line, teachers.size()), fmt::format("{}: line {}", path, number)));
    out.insert_or_assign(std::move(parsed.first), std::move(parsed.second));
  }
  return out;
}

std::string teacher_notes_head(const std::vector<std::string>& teachers, float score_min) {
  std::string out = "{\"teachers\":[";
  for (size_t i = 0; i < teachers.size(); ++i)
    out += fmt::format("{}{}", i == 0 ? "" : ",", json_text(teachers[i]));
  return out + fmt::format("],\"score_min\":{}}}\n", score_min);
}

std::string teacher_note_line(const std::string& picture, const TeacherNote& note) {
  std::string out = fmt::format("{{\"picture\":{},\"size\":[{},{}],\"found\":[", json_text(picture),
                                note.size.width, note.size.height);
  for (size_t t = 0; t < note.found.size(); ++t) {
    out += t == 0 ? "[" : ",[";
    for (size_t i = 0; i < note.found[t].size(); ++i) {
      const geom::Detection& one = note.found[t][i];
      out += fmt::format("{}[{:.2f},{:.2f},{:.2f},{:.2f},{:.4f}]", i == 0 ? "" : ",", one.box.x,
                         one.box.y, one.box.w, one.box.h, one.score);
    }
    out += "]";
  }
  return out + "]}\n";
}

}  // namespace pasu::job::detail
