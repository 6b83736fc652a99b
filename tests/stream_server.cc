// The streaming servers alone, for tests against other people's programs: stream_server [--rtmp N]
// [--rtmps N] [--threads N] [--user NAME --password WORD] [--declare PATH]...
//
// Listens on 127.0.0.1 (port 0: any free one) and says where in its first line. With a user,
// publishing needs that login. Lines on standard input are commands, each answered by one line:
//   figures          counters
//   pull URL PATH    another server's stream becomes PATH here
//   push PATH URL    the stream PATH, which must run, is published elsewhere
//   remove PATH      ends a stream
// At the end of the input the program ends.
#include <iostream>
#include <sstream>
#include <string>

#include "hub/registry.h"
#include "net/client.h"
#include "net/fan_out.h"
#include "net/io_threads.h"
#include "net/rtmp_server.h"

namespace {

using namespace pasu;

struct Options {
  std::optional<uint16_t> rtmp, rtmps;
  size_t threads = 2;
  std::string user, password;
  std::vector<std::string> declared;
};

std::optional<Options> read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) return {};
    const std::string value = argv[i + 1];
    if (name == "--rtmp") {
      options.rtmp = static_cast<uint16_t>(std::stoi(value));
    } else if (name == "--rtmps") {
      options.rtmps = static_cast<uint16_t>(std::stoi(value));
    } else if (name == "--threads") {
      options.threads = std::stoul(value);
    } else if (name == "--user") {
      options.user = value;
    } else if (name == "--password") {
      options.password = value;
    } else if (name == "--declare") {
      options.declared.push_back(value);
    } else {
      return {};
    }
  }
  return options;
}

net::RtmpAccess access_of(const Options& options) {
  net::RtmpAccess access;
  const rtmp::Credentials login{options.user, options.password};
  access.allows = [login](const net::RtmpAccess::Request& request) {
    return request.right == net::RtmpAccess::Right::read || login.empty() ||
           request.credentials == login;
  };
  if (!login.empty()) {
    access.password_of = [login](const std::string& user) -> std::optional<std::string> {
      if (user != login.user) return {};
      return login.password;
    };
  }
  return access;
}

// A stream of another server, published here.
struct Import {
  std::unique_ptr<hub::Publication> publication;
  std::unique_ptr<net::PullSession> session;  // Ends first.

  static Result<std::unique_ptr<Import>> start(net::IoThread& thread, hub::Registry& registry,
                                               const std::string& url, const std::string& path) {
    auto made = std::make_unique<Import>();
    made->publication = TRY(registry.publish(path));
    net::PullEvents events;
    events.on_tracks = [to = made->publication.get()](hub::Tracks tracks) {
      if (const auto set = to->set_tracks(std::move(tracks)); !set) {
        std::cerr << set.error().message() << '\n';
      }
    };
    events.on_unit = [to = made->publication.get()](media::AccessUnit unit) {
      to->publish(std::move(unit));
    };
    events.on_end = [](const Error& why) { std::cerr << why.message() << '\n'; };
    net::PullOptions options;
    options.tls.verify = false;
    made->session = TRY(net::pull(thread, url, options, std::move(events)));
    return made;
  }
};

// A stream of ours, published elsewhere.
class Export final : public net::Follower {
 public:
  static Result<std::unique_ptr<Export>> start(net::IoThread& thread, hub::Registry& registry,
                                               const std::string& path, const std::string& url) {
    auto stream = registry.find(path);
    if (!stream) return fail(Errc::not_found, "no stream {}", path);
    net::PushEvents events;
    events.on_end = [](const Error& why) { std::cerr << why.message() << '\n'; };
    net::PushOptions options;
    options.tls.verify = false;
    auto session = TRY(net::push(thread, url, *stream->state().tracks, options, std::move(events)));
    return std::unique_ptr<Export>(new Export(thread, std::move(stream), std::move(session)));
  }
  ~Export() override {
    thread_.run([this] { thread_.fan_out().unfollow(*stream_, *this); });
  }
  void on_news() override {
    std::vector<hub::Unit> units;
    reader_->take({.items = 1000, .bytes = 64u << 20}, units);
    for (auto& unit : units) session_->push(std::move(unit.unit));
  }

 private:
  Export(net::IoThread& thread, std::shared_ptr<hub::Stream> stream,
         std::unique_ptr<net::PushSession> session)
      : thread_(thread),
        stream_(std::move(stream)),
        session_(std::move(session)),
        reader_(stream_->read_units()) {
    thread_.run([this] {
      thread_.fan_out().follow(stream_, *this);
      on_news();
    });
  }

  net::IoThread& thread_;
  const std::shared_ptr<hub::Stream> stream_;
  const std::unique_ptr<net::PushSession> session_;
  const std::unique_ptr<hub::Reader<hub::Unit>> reader_;
};

std::string figures(const net::RtmpServer& server, const hub::Registry& registry) {
  const auto stats = server.stats();
  auto out = fmt::format("publishers={} readers={} connections={} denied={} refused={} failed={}",
                         stats.publishers, stats.readers,
                         stats.plain.connections + stats.encrypted.connections, stats.denied,
                         stats.refused, stats.failed);
  for (const auto& stream : registry.streams()) {
    out += fmt::format(" {}.units={} {}.lost={}", stream->name(), stream->stats().units,
                       stream->name(), stream->stats().lost);
  }
  return out;
}

Result<void> serve(const Options& options) {
  hub::Registry registry;
  for (const auto& path : options.declared) TRY(registry.add(path));
  net::IoThreads threads(options.threads);
  net::RtmpServerOptions rtmp;
  if (options.rtmp) rtmp.plain = net::ListenOptions{.port = *options.rtmp};
  if (options.rtmps) {
    rtmp.encrypted = net::ListenOptions{.port = *options.rtmps};
    rtmp.tls = TRY(net::TlsContext::server({}));
  }
  const auto server =
      TRY(net::RtmpServer::start(threads, registry, std::move(rtmp), access_of(options)));
  std::cout << fmt::format("rtmp={} rtmps={}", server->port(), server->tls_port()) << std::endl;

  std::vector<std::unique_ptr<Import>> imports;
  std::vector<std::unique_ptr<Export>> exports;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command, from, to;
    words >> command >> from >> to;
    std::string answer = "ok";
    if (command == "pull") {
      imports.push_back(TRY(Import::start(threads.next(), registry, from, to)));
    } else if (command == "push") {
      exports.push_back(TRY(Export::start(threads.next(), registry, from, to)));
    } else if (command == "remove") {
      registry.remove(from, "removed");
    } else {
      answer = figures(*server, registry);
    }
    std::cout << answer << std::endl;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = read_options(argc, argv);
  if (!options) {
    std::cerr << "stream_server: wrong option; its source says which there are\n";
    return 2;
  }
  if (const auto served = serve(*options); !served) {
    std::cerr << served.error().message() << '\n';
    return 1;
  }
  return 0;
}
