#include "job/label.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/read_file.h"
#include "detect/detector.h"
#include "detect/labels.h"
#include "job/detail/teacher_notes.h"
#include "train/data/coco.h"
#include "train/data/picture_decode.h"
#include "train/data/source.h"

namespace pasu::job {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPerson = 1;
constexpr size_t kNotesBytesMax = size_t{4} << 30;

struct Input {
  data::DataSet set;
  fs::path folder;
};

/// Only objects of a class that says it is people; of the only class, whatever its name.
void keep_people(data::DataSet& set) {
  std::vector<int64_t> people;
  std::vector<std::string> names;
  for (const data::Category& category : set.categories) names.push_back(category.name);
  for (size_t i = 0; i < names.size(); ++i)
    if (names.size() == 1 || detect::is_person(names, static_cast<int>(i)))
      people.push_back(set.categories[i].id);
  for (data::Picture& picture : set.pictures) {
    std::erase_if(picture.objects, [&](const data::Object& object) {
      return std::ranges::find(people, object.category) == people.end();
    });
    for (data::Object& object : picture.objects) object.category = kPerson;
  }
  set.categories = {{kPerson, "person"}};
}

Result<Input> bare_folder(const std::string& path) {
  Input out;
  out.folder = path;
  for (std::string& name : TRY(data::list_pictures(path))) {
    data::Picture picture{.id = static_cast<int64_t>(out.set.pictures.size() + 1),
                          .file = std::move(name),
                          .size = {},
                          .objects = {}};
    out.set.pictures.push_back(std::move(picture));
  }
  if (out.set.pictures.empty())
    return fail(Errc::invalid_argument, "{}: no picture in this folder", path);
  return out;
}

Result<Input> open_input(const std::string& path) {
  std::error_code error;
  auto splits = data::open_source(path);
  if (!splits) {
    const bool bare = splits.error().code() == Errc::unsupported && fs::is_directory(path, error);
    if (!bare) return tl::unexpected<Error>(splits.error());
    return bare_folder(path);
  }
  if (splits->size() != 1)
    return fail(Errc::invalid_argument, "{}: has {} splits; label one at a time", path,
                splits->size());
  data::Split& split = splits->front();
  if (split.format == data::Format::tfrecord)
    return fail(Errc::unsupported, "{}: pictures in records; pasu data convert makes files of them",
                path);
  if (split.set.pictures.empty()) return fail(Errc::invalid_argument, "{}: no picture in it", path);
  return Input{.set = std::move(split.set), .folder = split.image_folder};
}

/// Appends lines that are whole in the file before the next begins.
class NotesFile {
 public:
  static Result<NotesFile> open(const fs::path& path, const std::string& head) {
    NotesFile out;
    out.path_ = path.string();
    std::error_code error;
    const bool fresh = !fs::exists(path, error) || fs::file_size(path, error) == 0;
    if (!fresh) TRY(out.drop_cut_line());
    out.file_.open(path, std::ios::app | std::ios::binary);
    if (fresh) TRY(out.write(head));
    if (!out.file_) return fail(Errc::io, "{}: cannot be written", out.path_);
    return out;
  }
  Result<void> write(const std::string& line) {
    file_ << line << std::flush;
    if (!file_) return fail(Errc::io, "{}: cannot be written; is the disk full?", path_);
    return {};
  }

 private:
  Result<void> drop_cut_line() {
    const std::string text = TRY(read_file(path_, kNotesBytesMax));
    const size_t end = text.rfind('\n');
    std::error_code error;
    fs::resize_file(path_, end == text.npos ? 0 : end + 1, error);
    if (error) return fail(Errc::io, "{}: {}", path_, error.message());
    return {};
  }

  std::string path_;
  std::ofstream file_;
};

class Labeller {
 public:
  explicit Labeller(const LabelOptions& options) : options_(options) {}

  Result<LabelReport> run() {
    if (options_.teachers.empty()) return fail(Errc::invalid_argument, "no teacher was named");
    input_ = TRY(open_input(options_.input));
    keep_people(input_.set);
    TRY(make_output());
    TRY(read_notes());
    TRY(look());
    return conclude();
  }

 private:
  Result<void> make_output() {
    std::error_code error;
    fs::create_directories(options_.output, error);
    if (error) return fail(Errc::io, "{}: {}", options_.output, error.message());
    const fs::path link = fs::path(options_.output) / "images";
    const fs::path target = fs::canonical(input_.folder, error);
    if (error) return fail(Errc::not_found, "{}: {}", input_.folder.string(), error.message());
    if (fs::exists(fs::symlink_status(link, error))) {
      if (fs::canonical(link, error) == target) return {};
      return fail(Errc::exists, "{}: is there and is not the folder of these pictures, {}",
                  link.string(), target.string());
    }
    fs::create_directory_symlink(target, link, error);
    if (error) return fail(Errc::io, "{}: {}", link.string(), error.message());
    return {};
  }

  [[nodiscard]] fs::path notes_path() const { return fs::path(options_.output) / "teachers.jsonl"; }

  Result<void> read_notes() {
    for (const Teacher& teacher : options_.teachers)
      names_.push_back(fs::path(teacher.model).filename().string());
    std::error_code error;
    if (!fs::exists(notes_path(), error)) return {};
    const std::string text = TRY(read_file(notes_path(), kNotesBytesMax));
    notes_ =
        TRY(detail::parse_teacher_notes(text, notes_path().string(), names_, options_.score_min));
    return {};
  }

  Result<void> open_teachers(int threads) {
    for (const Teacher& teacher : options_.teachers) {
      detect::DetectorOptions options;
      options.model = teacher.model;
      options.streams = threads;
      options.score_min = options_.score_min;
      auto detector = TRY(with_context(detect::Detector::open(options), teacher.model));
      const auto& labels = detector->info().labels;
      bool knows = labels.empty();
      for (size_t i = 0; i < labels.size(); ++i)
        knows |= detect::is_person(labels, static_cast<int>(i));
      if (!knows)
        return fail(Errc::invalid_argument, "{}: none of its labels is person", teacher.model);
      detectors_.push_back(std::move(detector));
    }
    return {};
  }

  /// All pictures without a note.
  Result<void> look() {
    std::vector<const data::Picture*> left;
    for (const data::Picture& picture : input_.set.pictures)
      if (!notes_.contains(picture.file)) left.push_back(&picture);
    report_.pictures = input_.set.pictures.size();
    report_.noted_before = report_.pictures - left.size();
    if (left.empty()) return {};
    const int threads = options_.threads > 0
                            ? options_.threads
                            : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    TRY(open_teachers(threads));
    NotesFile file =
        TRY(NotesFile::open(notes_path(), detail::teacher_notes_head(names_, options_.score_min)));
    std::atomic<size_t> next{0};
    std::vector<std::thread> workers;
    for (int i = 0; i < threads; ++i)
      workers.emplace_back([&] {
        for (size_t at = next++; at < left.size() && !stopped(); at = next++) {
          auto note = look_at(*left[at]);
          const std::lock_guard lock(mutex_);
          take(*left[at], std::move(note), file);
          if (options_.progress)
            options_.progress(notes_.size() + report_.failures.size(), report_.pictures);
        }
      });
    for (std::thread& worker : workers) worker.join();
    if (fatal_) return tl::unexpected<Error>(*fatal_);
    if (options_.stop != nullptr && *options_.stop)
      return fail(Errc::cancelled, "stopped after {} of {} pictures; the same command goes on",
                  notes_.size(), report_.pictures);
    return {};
  }

  [[nodiscard]] bool stopped() {
    if (options_.stop != nullptr && *options_.stop) return true;
    const std::lock_guard lock(mutex_);
    return fatal_.has_value();
  }

  void take(const data::Picture& picture, Result<std::optional<detail::TeacherNote>> note,
            NotesFile& file) {
    if (!note) {
      fatal_ = note.error();
    } else if (*note) {
      if (auto written = file.write(detail::teacher_note_line(picture.file, **note)); !written)
        fatal_ = written.error();
      notes_.emplace(picture.file, std::move(**note));
    }
  }

  /// Nothing for a picture that does not decode, which is reported. Errors are the teachers'.
  Result<std::optional<detail::TeacherNote>> look_at(const data::Picture& picture) {
    const auto decode = [&]() -> Result<media::Frame> {
      if (!data::stays_inside(picture.file))
        return fail(Errc::not_found, "leads out of its folder");
      const std::string bytes =
          TRY(read_file(input_.folder / picture.file, data::Pictures::kFileBytesMax));
      return data::decode_frame(as_bytes(bytes));
    };
    const auto frame = decode();
    if (!frame) {
      const std::lock_guard lock(mutex_);
      report_.failures.push_back(frame.error().with(picture.file).message());
      return std::nullopt;
    }
    detail::TeacherNote note;
    note.size = {frame->width, frame->height};
    for (const auto& detector : detectors_) {
      auto found = TRY(with_context(detector->detect(*frame), picture.file));
      std::erase_if(found, [&](const geom::Detection& one) {
        return !detect::is_person(detector->info().labels, one.label);
      });
      note.found.push_back(std::move(found));
    }
    return note;
  }

  /// What each teacher's scores mean; measured ones go into the report.
  std::vector<Calibration> calibration() {
    std::vector<std::vector<Judged>> judged(options_.teachers.size());
    const bool drawn = std::ranges::any_of(
        input_.set.pictures, [](const data::Picture& picture) { return !picture.objects.empty(); });
    for (data::Picture& picture : input_.set.pictures) {
      const auto note = notes_.find(picture.file);
      if (note == notes_.end()) continue;
      if (picture.size.width <= 0 || picture.size.height <= 0) picture.size = note->second.size;
      scale_notes(note->second, picture.size);
      if (!drawn) continue;
      for (size_t t = 0; t < judged.size(); ++t)
        judge(note->second.found[t], picture.objects, options_.rules.match_iou, judged[t]);
    }
    std::vector<Calibration> out;
    for (size_t t = 0; t < judged.size(); ++t) {
      report_.measured.push_back(calibrate(judged[t]));
      const bool use = options_.calibrate && report_.measured.back();
      out.push_back(use ? *report_.measured.back() : options_.teachers[t].calibration);
    }
    return out;
  }

  Result<LabelReport> conclude() {
    std::vector<float> weights;
    for (const Teacher& teacher : options_.teachers) weights.push_back(teacher.weight);
    const std::vector<Calibration> calibrations = calibration();
    std::vector<data::Picture> kept;
    for (data::Picture& picture : input_.set.pictures) {
      const auto note = notes_.find(picture.file);
      if (note == notes_.end()) continue;  // Did not decode.
      for (size_t t = 0; t < calibrations.size(); ++t)
        for (geom::Detection& one : note->second.found[t])
          one.score = calibrations[t].of(one.score);
      const auto fused = fuse(note->second.found, weights, options_.rules.fuse_iou);
      const size_t drawn = picture.objects.size();
      picture.objects = label_objects(picture.objects, fused, kPerson, options_.rules);
      for (size_t i = 0; i < picture.objects.size(); ++i) {
        const data::Object& object = picture.objects[i];
        if (object.crowd)
          report_.ignored += i >= drawn;
        else if (i >= drawn)
          ++report_.added;
        else
          ++report_.drawn;
        report_.drawn_unseen += i < drawn && !object.crowd &&
                                object.score <= static_cast<double>(options_.rules.trust) + 1e-6;
      }
      kept.push_back(std::move(picture));
    }
    input_.set.pictures = std::move(kept);
    TRY(data::write_coco(input_.set, fs::path(options_.output) / "instances.json"));
    return std::move(report_);
  }

  /// Annotations may count in other pixels than the file has.
  static void scale_notes(detail::TeacherNote& note, geom::Size size) {
    if (note.size == size) return;
    const float x = static_cast<float>(size.width) / static_cast<float>(note.size.width);
    const float y = static_cast<float>(size.height) / static_cast<float>(note.size.height);
    for (auto& found : note.found)
      for (geom::Detection& one : found)
        one.box = {one.box.x * x, one.box.y * y, one.box.w * x, one.box.h * y};
  }

  const LabelOptions& options_;
  Input input_;
  std::vector<std::string> names_;
  detail::TeacherNotes notes_;
  std::vector<std::shared_ptr<detect::Detector>> detectors_;
  LabelReport report_;
  std::mutex mutex_;  // Of notes_, report_ and fatal_ while workers run.
  std::optional<Error> fatal_;
};

}  // namespace

Result<LabelReport> label(const LabelOptions& options) { return Labeller(options).run(); }

}  // namespace pasu::job
