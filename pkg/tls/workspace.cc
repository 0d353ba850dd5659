#include "pkg/tls/workspace.h"

#include <openssl/bio.h>

#include <algorithm>
#include <utility>

#include "pkg/tls/openssl_layer.h"
#include "pkg/tls/tls_stream.h"

namespace fairlead::tls {

Workspace::Workspace(Post post, Deadlines deadlines, uint64_t records_per_key)
    : post_(std::move(post)),
      deadlines_(std::move(deadlines)),
      records_per_key_(records_per_key),
      bio_method_(NewLayerBioMethod()),
      due_(std::make_shared<Due>()) {}

Workspace::~Workspace() {
  BIO_meth_free(bio_method_);
}

void Workspace::Schedule(TlsStream& stream) {
  due_->next.push_back(&stream);
  if (due_->next.size() > 1) return;  // a task is on its way
  post_([weak = std::weak_ptr<Due>(due_)] {
    if (const auto due = weak.lock()) RunDue(*due);
  });
}

void Workspace::Forget(TlsStream& stream) {
  std::replace(due_->next.begin(), due_->next.end(), &stream, static_cast<TlsStream*>(nullptr));
  std::replace(due_->running.begin(), due_->running.end(), &stream, static_cast<TlsStream*>(nullptr));
}

void Workspace::RunDue(Due& due) {
  due.running.swap(due.next);
  for (size_t i = 0; i < due.running.size(); ++i) {
    if (TlsStream* stream = std::exchange(due.running[i], nullptr)) stream->OnDue();
  }
  due.running.clear();
}

}  // namespace fairlead::tls
