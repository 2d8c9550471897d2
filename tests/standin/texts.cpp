#include "texts.h"

#include <array>
#include <cstddef>

namespace standin {

namespace {

constexpr std::size_t count = 14;

struct Language {
    const char* name;
    int date_format;
    std::array<const char*, count> texts;
};

// In the order of Text. English as far as it is known; the others are ours, made to be as different as real ones would
// be.
constexpr std::array languages{
    Language{"en",
             1,
             {"Next operation scheduled:", "Schedule Name:         ", "Action:                ",
              "Objects:               ", "Server Window Start:   ", "No schedule information for this node.",
              "Executing scheduled command now.", "Executing Operating System command or script: ",
              "Finished command.  Return code is: ", "Scheduled event '%' completed successfully.",
              "ANS1512E Scheduled event '%' failed.  Return code = ", "Sending results for scheduled event '%'.",
              "Results sent to server for scheduled event '%'.", "Schedule will be refreshed in % hours."}},
    Language{"de",
             4,
             {"Nächste geplante Operation:", "Zeitplanname:          ", "Aktion:                ",
              "Objekte:               ", "Start des Serverfensters: ", "Keine Zeitplaninformationen für diesen Knoten.",
              "Geplanter Befehl wird jetzt ausgeführt.", "Betriebssystembefehl oder Prozedur wird ausgeführt: ",
              "Befehl beendet.  Rückkehrcode: ", "Geplantes Ereignis '%' erfolgreich ausgeführt.",
              "ANS1512E Geplantes Ereignis '%' fehlgeschlagen.  Rückkehrcode = ",
              "Ergebnisse für geplantes Ereignis '%' werden gesendet.",
              "Ergebnisse für geplantes Ereignis '%' an Server gesendet.",
              "Der Zeitplan wird in % Stunden aktualisiert."}},
    Language{"fr",
             7,
             {"Prochaine opération planifiée :", "Nom de la planification : ", "Action :               ",
              "Objets :               ", "Début de la fenêtre :  ", "Aucune planification pour ce noeud.",
              "Exécution de la commande planifiée.", "Exécution de la commande ou du script : ",
              "Commande terminée.  Code retour : ", "L'événement planifié '%' a abouti.",
              "ANS1512E L'événement planifié '%' a échoué.  Code retour = ",
              "Envoi des résultats de l'événement planifié '%'.",
              "Résultats de l'événement planifié '%' envoyés au serveur.",
              "La planification sera actualisée dans % heures."}},
    Language{"ja",
             6,
             {"次にスケジュールされている操作:", "スケジュール名:        ", "処置:                  ",
              "オブジェクト:          ", "サーバー枠開始:        ", "このノードのスケジュール情報はありません。",
              "スケジュールされたコマンドを実行しています。",
              "オペレーティング・システム・コマンドまたはスクリプトの実行中: ",
              "コマンドが終了しました。  戻りコード: ", "スケジュール済みイベント '%' は正常に完了しました。",
              "ANS1512E スケジュール済みイベント '%' が失敗しました。  戻りコード = ",
              "スケジュール済みイベント '%' の結果を送信中です。",
              "スケジュール済みイベント '%' の結果がサーバーに送信されました。",
              "スケジュールは % 時間後に最新表示されます。"}},
};

const Language& language_named(const std::string& name) {
    for (const Language& language : languages)
        if (name == language.name) return language;
    return languages.front();
}

/// Letters of two bytes become one; there are no longer ones in German and French.
std::string to_latin1(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto first = static_cast<unsigned char>(text[i]);
        if ((first & 0xE0U) == 0xC0U && i + 1 < text.size())
            bytes += char(((first & 3U) << 6U) | (static_cast<unsigned char>(text[++i]) & 0x3FU));
        else
            bytes += text[i];
    }
    return bytes;
}

std::string formatted(const char* format, std::time_t when) {
    std::tm local{};
    localtime_r(&when, &local);
    char text[64] = {};
    std::strftime(text, sizeof text, format, &local);
    return text;
}

} // namespace

Speech::Speech(const Options& options, const Switches& switches)
    : language_(switches.text("language", switches.on("localised") ? "de" : "en")),
      latin1_(switches.text("encoding", "utf-8") == "latin1") {
    date_format_ = options.date_format != 0 ? options.date_format : language_named(language_).date_format;
    date_format_ = int(switches.number("date_format", date_format_));
    time_format_ = int(switches.number("time_format", options.time_format != 0 ? options.time_format : 1));
}

std::string Speech::text(Text text) const {
    const std::string found = language_named(language_).texts[static_cast<std::size_t>(text)];
    return latin1_ ? to_latin1(found) : found;
}

std::string Speech::date(std::time_t when) const {
    constexpr std::array formats{"%m/%d/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y-%m-%d",
                                 "%d.%m.%Y", "%Y.%m.%d", "%Y/%m/%d", "%d/%m/%Y"};
    return formatted(formats[static_cast<std::size_t>(date_format_) % formats.size()], when);
}

std::string Speech::time(std::time_t when) const {
    constexpr std::array formats{"%H:%M:%S", "%H:%M:%S", "%H,%M,%S", "%H.%M.%S", "%I:%M:%S", "%I:%M:%S"};
    const std::string half = formatted("%p", when).substr(0, 1);
    const std::string clock = formatted(formats[static_cast<std::size_t>(time_format_) % formats.size()], when);
    if (time_format_ == 4) return clock + half;
    return time_format_ == 5 ? half + " " + clock : clock;
}

std::string Speech::date_and_time(std::time_t when) const {
    return date(when) + " " + time(when);
}

} // namespace standin
