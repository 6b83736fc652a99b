// The file in which a labelling run notes what each teacher saw, a picture a line, so that it can
// be stopped, gone on with, and the rules changed without looking again.
//
//   {"teachers":["a.xml","b.onnx"],"score_min":0.05}
//   {"picture":"00001.jpg","size":[352,240],"found":[[[x,y,w,h,score],...],...]}
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "geom/detection.h"

namespace pasu::job::detail {

struct TeacherNote {
  geom::Size size;
  std::vector<std::vector<geom::Detection>> found;  ///< By teacher.
};

using TeacherNotes = std::map<std::string, TeacherNote>;  ///< By the picture's file.

/// Parses the whole file. A last line that was cut short is passed over.
/// Errors (malformed), with the line: no such notes; of other teachers or another score_min than
/// asked for, naming both.
[[nodiscard]] Result<TeacherNotes> parse_teacher_notes(std::string_view text,
                                                       const std::string& path,
                                                       const std::vector<std::string>& teachers,
                                                       float score_min);

[[nodiscard]] std::string teacher_notes_head(const std::vector<std::string>& teachers,
                                             float score_min);
[[nodiscard]] std::string teacher_note_line(const std::string& picture, const TeacherNote& note);

}  // namespace pasu::job::detail
