#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/tls/client_context.h"
#include "pkg/tls/server_context.h"
#include "pkg/tls/test_certificates.h"
#include "pkg/tls/test_openssl_peer.h"
#include "pkg/tls/tls_stream.h"
#include "tests/support/scripted_stream.h"

namespace fairlead::tls {

// Writes down what a stream tells. Each event may have an action, taken after it was noted.
class TestOwner final : public stream::Delegate {
 public:
  std::string data;
  std::vector<size_t> reads;
  int ends = 0;
  int flushes = 0;
  std::vector<stream::Failure> errors;
  std::function<void()> on_data = [] {};
  std::function<void()> on_end = [] {};
  std::function<void()> on_error = [] {};

  void OnData(std::string_view bytes) override {
    data.append(bytes);
    reads.push_back(bytes.size());
    on_data();
  }
  void OnEnd() override {
    ++ends;
    on_end();
  }
  void OnFlushed() override { ++flushes; }
  void OnError(stream::Failure failure) override {
    errors.push_back(failure);
    on_error();
  }
};

// A TlsStream on one side of a wire, OpenSSL on the other.
class TlsStreamTest : public ::testing::Test {
 protected:
  // Makes no stream yet: options may be changed first.
  TlsStreamTest() {
    server_options_.certificates = {certificate_};
    client_options_.authorities = authority_.Trust();
    client_options_.server_name = "a.example.com";
  }

  Workspace& workspace() {
    if (!made_workspace_) {
      made_workspace_.emplace([this](absl::AnyInvocable<void()> task) { tasks_.push_back(std::move(task)); },
                              [this]() -> base::DeadlineWheel& { return deadlines_; }, records_per_key_);
    }
    return *made_workspace_;
  }

  void Accept(OpenSslPeer::Options peer = {}) {
    peer.side = Side::kClient;
    AcceptFrom(std::make_unique<OpenSslPeer>(peer));
  }
  void AcceptFrom(std::unique_ptr<OpenSslPeer> peer) {
    if (!server_context_) server_context_ = *ServerContext::Make(server_options_);
    peer_ = std::move(peer);
    NewWire();
    stream_ = TlsStream::Accept(workspace(), server_context_, wire_->Connect());
    stream_->SetDelegate(&owner_);
    stream_->Start();
    peer_->Read();
  }
  void Connect(OpenSslPeer::Options peer = {}) {
    peer.side = Side::kServer;
    if (!peer.certificate) peer.certificate = certificate_;
    ConnectTo(std::make_unique<OpenSslPeer>(peer));
  }
  void ConnectTo(std::unique_ptr<OpenSslPeer> peer) {
    if (!client_context_) client_context_ = *ClientContext::Make(client_options_);
    peer_ = std::move(peer);
    NewWire();
    stream_ = TlsStream::Connect(workspace(), client_context_, "backend", wire_->Connect());
    stream_->SetDelegate(&owner_);
    stream_->Start();
  }
  void Begin(Side side, OpenSslPeer::Options peer = {}) {
    side == Side::kServer ? Accept(peer) : Connect(peer);
  }

  void NewWire() {
    stream_.reset();
    wire_ = std::make_unique<testing::ScriptedPeer>();
    taken_ = 0;
  }

  // Moves bytes both ways until none is left, to the stream in pieces of `piece`.
  void Pump(size_t piece = SIZE_MAX) {
    for (bool moved = true; moved;) {
      moved = MoveToPeer();
      const std::string bytes = peer_->Take();
      for (size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at)) {
        wire_->Send(bytes.substr(at, piece));
        moved = true;
      }
      wire_->Turn();
      RunTasks();
    }
  }
  bool MoveToPeer() {
    const std::string bytes = wire_->received().substr(taken_);
    taken_ += bytes.size();
    if (!bytes.empty()) peer_->Feed(bytes);
    return !bytes.empty();
  }
  void RunTasks() {
    while (!tasks_.empty()) {
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }

  static std::string Pattern(size_t size) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 2654435761u) >> 13);
    return text;
  }

  std::deque<absl::AnyInvocable<void()>> tasks_;
  base::DeadlineWheel deadlines_{base::MonotonicTime()};
  uint64_t records_per_key_ = kRecordsPerKey;
  std::optional<Workspace> made_workspace_;
  TestAuthority authority_;
  std::shared_ptr<const Certificate> certificate_ = authority_.Load({.names = {"a.example.com"}});
  ServerContext::Options server_options_;
  ClientContext::Options client_options_;
  std::shared_ptr<const ServerContext> server_context_;
  std::shared_ptr<const ClientContext> client_context_;
  std::unique_ptr<OpenSslPeer> peer_;
  std::unique_ptr<testing::ScriptedPeer> wire_;
  size_t taken_ = 0;  // of what the wire carried to the peer
  TestOwner owner_;
  std::unique_ptr<TlsStream> stream_;
};

}  // namespace fairlead::tls
