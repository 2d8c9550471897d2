#pragma once

namespace autodeploy {

/// While one lives, names below ".hanging.example" are looked up without an answer ever coming; all others as always.
class HangingNames {
  public:
    HangingNames();
    HangingNames(const HangingNames&) = delete;
    HangingNames& operator=(const HangingNames&) = delete;
    /// Lets every look-up that hangs fail, and waits for them to be over.
    ~HangingNames();

    int asked() const;
};

} // namespace autodeploy
