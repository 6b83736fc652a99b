// A WebSocket that sends what a MessageSource gives and takes nothing but pings and closes.
#pragma once

#include <memory>

#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "api/detail/connection.h"
#include "api/message_source.h"

namespace pasu::api::detail {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;

/// Counts as one of the context's connections, which the caller has counted already.
void serve_web_socket(boost::beast::tcp_stream stream, HttpRequest request,
                      std::unique_ptr<MessageSource> source, ServerContext& context);

}  // namespace pasu::api::detail
