// Any text as teachers' notes: what is taken comes back from what is written.
#include <cstdint>
#include <string>

#include "job/detail/teacher_notes.h"

using namespace pasu::job::detail;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<std::string> teachers = {"a.xml", "b.onnx"};
  const std::string head = teacher_notes_head(teachers, 0.05f);
  const std::string text = head + std::string(reinterpret_cast<const char*>(data), size);
  const auto notes = parse_teacher_notes(text, "fuzz", teachers, 0.05f);
  if (!notes) return 0;
  std::string again = head;
  for (const auto& [picture, note] : *notes) {
    if (picture.empty() || note.found.size() != teachers.size()) __builtin_trap();
    again += teacher_note_line(picture, note);
  }
  if (!parse_teacher_notes(again, "fuzz", teachers, 0.05f)) __builtin_trap();
  return 0;
}
