// Pascal VOC annotations: one XML file a picture (VOC2012 development kit, 3.4).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "train/data/dataset.h"
#include "train/data/finding.h"

namespace pasu::data {

/// How bndbox counts.
///
/// By VOC's own rule pixels are numbered from 1 and both corners are inside: a box over a whole
/// 640x480 picture is 1, 1, 640, 480. So x = xmin - 1, w = xmax - xmin + 1, and back.
/// Many tools write edges instead, from 0, the far ones outside: 0, 0, 640, 480. Nothing in the
/// file tells which; a box with xmin 0 does (pasu data check says so).
enum class VocCorners { pixels_from_1, edges_from_0 };

/// An annotation before its class names are numbered.
struct VocPicture {
  Picture picture;                 ///< Object::category is a place in `names`.
  std::vector<std::string> names;  ///< Of classes, in order of appearance.
};

/// Errors (with "path: line N"): malformed, truncated, unsupported, as XmlReader's, and what is no
/// <annotation>. An object without name or box, or with one that is not finite, is the error or a
/// finding. Parts, poses, actions and polygons are passed over; so are objects' unknown tags.
[[nodiscard]] Result<VocPicture> parse_voc(std::string_view text, const std::string& path,
                                           VocCorners corners, const ReadOptions& options = {});

/// One data set of many annotation files; `from` is as they lie under it. Categories are numbered
/// from 1 in alphabetical order, as VOC's own are. A picture is named as its <filename> says, or,
/// where that is missing, as the annotation with .jpg. Ids are numbered from 1.
/// Errors: as parse_voc(), io; with `options.findings` a broken file is left out.
[[nodiscard]] Result<DataSet> read_voc(const std::vector<std::filesystem::path>& files,
                                       VocCorners corners, const ReadOptions& options = {});

/// The annotation of `picture` by VOC's own rule. Edges within 1/200 of a whole pixel are whole;
/// others keep two decimals, as some of VOC's own files have them. `folder` is what <folder> says.
[[nodiscard]] std::string voc_text(const Picture& picture, const DataSet& set,
                                   const std::string& folder);

}  // namespace pasu::data
