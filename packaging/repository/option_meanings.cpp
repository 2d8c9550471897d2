#include "packaging/repository/option_meanings.h"

#include <map>

namespace autodeploy::publisher {

namespace {

/// By option; by "COMMAND OPTION" where it means something else there.
const std::map<std::string, std::string>& meanings() {
    static const std::map<std::string, std::string> all{
        {"by", "who does this, for the audit and for approvals; the user without it, as the system knows him"},
        {"ca-file", "certificates that the web server's must lead to; the system's without it"},
        {"cancel", "take it back"},
        {"arm cancel", "take the rule away that was set for exactly these nodes, platforms and channel"},
        {"change", "the change under which this is done, for the audit"},
        {"channel", "the channel; stable without it"},
        {"arm channel", "clients of this channel only"},
        {"freeze channel", "for this channel only; may be given several times"},
        {"domain", "the policy domain of nodes that name none"},
        {"expiry", "how long the role's files are valid; may be given several times"},
        {"force", "also where clients may need it to return to"},
        {"from-at-least", "only for clients of at least this version"},
        {"from-at-most", "only for clients of at most this version"},
        {"help", "this text"},
        {"hours", "how many hours it may be started in; 4 without it"},
        {"json", "the result as JSON, errors too"},
        {"key", "this key, of which the beginning is enough, also where the file does not name it yet"},
        {"keys", "where the keys lie; the repository's folder keys without it"},
        {"manifest", "what is said of the package is read from this JSON file and not from it"},
        {"nodes", "these nodes only; '*' and '?' stand for other letters; may be given several times"},
        {"schedule nodes", "the nodes of the wave, one a line"},
        {"notes", "for those who look at the offer"},
        {"one-way", "approves an edge of which there is no way back; may be given several times"},
        {"output", "the folder into which the commands are written"},
        {"part", "which part of the wave this is, from 1"},
        {"passphrase-fd", "the passphrase of the keys is the first line of this descriptor"},
        {"passphrase-file", "the passphrase of the keys is in this file, which nobody else may read (mode 600)"},
        {"platform", "on this platform only; may be given several times"},
        {"init platform", "a platform to make a role for; all that are known without it; may be given several times"},
        {"program", "the agent's program on the clients"},
        {"public", "somebody's public key; without it a new key is made"},
        {"quiet", "nothing but errors"},
        {"reason", "why; shown at each client"},
        {"add reason", "why the vendor's signature is waived; recorded and shown to agents"},
        {"replace", "take the place of a listed file of the same name with other bytes"},
        {"repository", "the folder of the repository; the working directory without it"},
        {"root", "trust begins with this root; with the first one without it"},
        {"share", "to so many percent of the clients; 100 without it"},
        {"signer", "the vendor's public key or certificates that signatures are held to; may be given several times"},
        {"start",
         "when the schedule starts, by the server's own clock, as 2026-11-28T20:00; from the wave's name without it"},
        {"threshold",
         "so many keys are made, and all must sign; bare: for root and targets; may be given several times"},
        {"to", "the older version to go back to"},
        {"prerequisites", "what is not known by itself of runtimes that a package for Windows brings"},
        {"toc", "the table of contents of AIX images that have none"},
        {"trust", "what was seen is kept there, so that an older repository is refused the next time"},
        {"url", "on its web server, or in another folder: a mirror, a medium"},
        {"waive", "who answers for a vendor's signature that is not verified; with --reason"},
        {"wave", "the wave's name, part of the schedules' names"},
        {"way-back-only", "kept for clients to return to, never offered"},
    };
    return all;
}

} // namespace

const std::string& meaning_of_option(const std::string& command, const std::string& option) {
    const auto own = meanings().find(command + " " + option);
    return own != meanings().end() ? own->second : meanings().at(option);
}

} // namespace autodeploy::publisher
