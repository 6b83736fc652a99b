// Pictures with their boxes as tf.Examples, by the keys of the TF Object Detection API.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "train/data/dataset.h"
#include "train/data/finding.h"
#include "train/data/label_map.h"
#include "train/data/tfrecord.h"

namespace pasu::data {

/// One record: the picture and where its file's bytes are.
struct PictureRecord {
  Picture picture;
  ByteView encoded;    ///< In the record.
  std::string format;  ///< image/format as it stands; may be empty.
};

/// Numbers classes while records go by: what a label map or earlier records said rules.
class ClassNumbers {
 public:
  ClassNumbers() = default;
  explicit ClassNumbers(const LabelMap& map);

  /// The category of a box that says `label` and `text` (0 and empty where it does not).
  /// Errors (malformed): neither is there, or they contradict the label map or earlier records.
  [[nodiscard]] Result<int64_t> number(int64_t label, std::string_view text);
  /// All that were met, or all of the label map.
  [[nodiscard]] std::vector<Category> categories() const;

 private:
  struct Name {
    std::string name;
    std::string display;
  };
  bool fixed_ = false;  // By a label map.
  std::map<int64_t, Name> names_;
  std::map<std::string, int64_t, std::less<>> ids_;
};

/// Reads a record's example. Every key but image/encoded may be missing: the size is taken from
/// the picture then, the class from label or text, the area from the box. Boxes become pixels; a
/// float nearest to a whole pixel's edge is that edge, so that what was written in whole pixels
/// comes back whole. `place` names the record in findings.
/// Errors (malformed, truncated): a broken message, no picture, lists of unequal length, a class
/// that `classes` refuses, a size that nothing tells. Boxes that are not finite are findings, or
/// the error, as `options` say.
[[nodiscard]] Result<PictureRecord> parse_picture_record(const Record& record,
                                                         ClassNumbers& classes,
                                                         const std::string& file,
                                                         const ReadOptions& options);

/// The data set of all records of `files`, pictures named as image/filename says. Picture ids are
/// the numbers of image/source_id where those are numbers, all different; else from 1 in order.
struct RecordSet {
  struct At {
    uint32_t file = 0;    ///< In the list of files.
    uint64_t offset = 0;  ///< Record::offset.
    uint64_t index = 0;   ///< Record::index.
  };
  DataSet set;
  std::vector<At> places;  ///< One a picture.
};
/// Errors as RecordReader and parse_picture_record(); with `options.findings` records are left out.
[[nodiscard]] Result<RecordSet> read_record_set(const std::vector<std::filesystem::path>& files,
                                                const LabelMap* labels,
                                                const ReadOptions& options = {});

/// The message that TF OD API's readers expect. `encoded` is the picture's file; boxes are divided
/// by `picture.size`, which must be known.
[[nodiscard]] std::string picture_example(const Picture& picture, const DataSet& set,
                                          ByteView encoded);

}  // namespace pasu::data
