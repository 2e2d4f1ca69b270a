"""The words of mails, per language and message. Neutral on purpose: no name, no need, no reason, no agency."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FALL_BACK: Final = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One language."""

    messages: Mapping[str, str]
    digest: str
    about: str
    look: str
    why: str
    right_to_left: bool = False


ENGLISH: Final = Words(
    messages={
        "possible-match-found": "A record may describe the same person as another one",
        "same-person-linked": "Two records were linked as one person",
        "link-removed": "The link between two records was removed",
        "access-ended": "Access to a participant has ended or become narrower",
        "work-rights-changing": "A participant's right to work, train or attend a course changes in some weeks",
        "glass-broken": "A record was opened in an emergency",
        "record-rectified": "A record that you may see was put right",
        "rights-request-filed": "Somebody makes use of a right to the own data",
        "rights-request-due": "A request about a person's data has to be answered within a week",
        "rights-request-overdue": "A request about a person's data was not answered in time",
        "rights-request-decided": "Your request about your data was answered",
        "webhook-stopped": "A webhook of your agency has stopped",
        "document-expiring": "A participant's document expires soon",
        "appointment-near": "An appointment is near",
        "referral-requested": "A referral has come in",
        "referral-claimed": "An open referral has found its receiver",
        "referral-accepted": "A referral was accepted",
        "referral-started": "Work on a referral has begun",
        "referral-completed": "A referral was completed",
        "referral-rejected": "A referral was turned down",
        "referral-on-hold": "A referral is on hold",
        "referral-resumed": "Work on a referral goes on",
        "referral-failed": "A referral came to nothing",
        "referral-cancelled": "A referral was cancelled",
        "referral-entered-in-error": "A referral was entered in error",
        "referral-expired": "Nobody answered a referral in time",
        "referral-overdue": "The answer to a referral is late",
        "journey-started": "A participant has joined a programme",
        "stage-entered": "A stage of a programme has begun",
        "stage-completed": "A stage of a programme is complete",
        "feedback-given": "Feedback was given",
        "attention-raised": "Somebody should look at a participant's way through a programme",
        "attention-cleared": "A warning was dealt with",
        "transition-decided": "It was decided what follows a programme",
        "journey-ended": "A participant's programme has ended",
        "follow-up-due": "It is time to ask how things went",
        "match-proposed": "Somebody was proposed for a place",
        "match-accepted": "A proposal was accepted",
        "match-declined": "A proposal was declined",
        "placement-confirmed": "A placement is confirmed",
        "placement-started": "A placement has begun",
        "placement-ended": "A placement has ended",
    },
    digest="What happened since yesterday",
    about="Reference",
    look="See",
    why="You get this mail because you have a part in it. In your preferences you can choose what is mailed to you.",
)

GERMAN: Final = Words(
    messages={
        "possible-match-found": "Ein Datensatz beschreibt möglicherweise dieselbe Person wie ein anderer",
        "same-person-linked": "Zwei Datensätze wurden als eine Person verknüpft",
        "link-removed": "Die Verknüpfung zweier Datensätze wurde aufgehoben",
        "access-ended": "Der Zugang zu einer teilnehmenden Person ist beendet oder enger geworden",
        "work-rights-changing": "Das Recht einer Person auf Arbeit, Ausbildung oder Kurs ändert sich in einigen Wochen",
        "glass-broken": "Ein Datensatz wurde in einem Notfall geöffnet",
        "record-rectified": "Ein Datensatz, den Sie sehen dürfen, wurde berichtigt",
        "rights-request-filed": "Jemand macht von einem Recht an den eigenen Daten Gebrauch",
        "rights-request-due": "Eine Anfrage zu Daten einer Person ist binnen einer Woche zu beantworten",
        "rights-request-overdue": "Eine Anfrage zu Daten einer Person wurde nicht rechtzeitig beantwortet",
        "rights-request-decided": "Ihre Anfrage zu Ihren Daten wurde beantwortet",
        "webhook-stopped": "Ein Webhook Ihrer Stelle hat angehalten",
        "document-expiring": "Ein Dokument einer teilnehmenden Person läuft bald ab",
        "appointment-near": "Ein Termin steht bevor",
        "referral-requested": "Eine Überweisung ist eingegangen",
        "referral-claimed": "Eine offene Überweisung wurde übernommen",
        "referral-accepted": "Eine Überweisung wurde angenommen",
        "referral-started": "Die Arbeit an einer Überweisung hat begonnen",
        "referral-completed": "Eine Überweisung wurde abgeschlossen",
        "referral-rejected": "Eine Überweisung wurde abgelehnt",
        "referral-on-hold": "Eine Überweisung ruht",
        "referral-resumed": "Die Arbeit an einer Überweisung geht weiter",
        "referral-failed": "Eine Überweisung blieb ohne Ergebnis",
        "referral-cancelled": "Eine Überweisung wurde zurückgenommen",
        "referral-entered-in-error": "Eine Überweisung war ein Versehen",
        "referral-expired": "Eine Überweisung wurde nicht rechtzeitig beantwortet",
        "referral-overdue": "Die Antwort auf eine Überweisung ist überfällig",
        "journey-started": "Eine teilnehmende Person hat ein Programm begonnen",
        "stage-entered": "Ein Abschnitt eines Programms hat begonnen",
        "stage-completed": "Ein Abschnitt eines Programms ist abgeschlossen",
        "feedback-given": "Es gibt eine neue Rückmeldung",
        "attention-raised": "Der Weg einer teilnehmenden Person durch ein Programm braucht Aufmerksamkeit",
        "attention-cleared": "Eine Warnung wurde bearbeitet",
        "transition-decided": "Es wurde entschieden, wie es nach einem Programm weitergeht",
        "journey-ended": "Ein Programm ist für eine teilnehmende Person beendet",
        "follow-up-due": "Es ist Zeit nachzufragen, wie es gegangen ist",
        "match-proposed": "Jemand wurde für einen Platz vorgeschlagen",
        "match-accepted": "Ein Vorschlag wurde angenommen",
        "match-declined": "Ein Vorschlag wurde abgelehnt",
        "placement-confirmed": "Eine Vermittlung ist bestätigt",
        "placement-started": "Eine Vermittlung hat begonnen",
        "placement-ended": "Eine Vermittlung ist beendet",
    },
    digest="Was seit gestern geschehen ist",
    about="Zeichen",
    look="Siehe",
    why="Sie bekommen diese Mail, weil Sie beteiligt sind. Was wir Ihnen mailen, wählen Sie in Ihren Einstellungen.",
)

ARABIC: Final = Words(
    messages={
        "possible-match-found": "قد يصف سجل الشخص نفسه الذي يصفه سجل آخر",
        "same-person-linked": "تم ربط سجلين على أنهما لشخص واحد",
        "link-removed": "أُلغي الربط بين سجلين",
        "access-ended": "انتهى الاطلاع على بيانات أحد المشاركين أو ضاق نطاقه",
        "work-rights-changing": "يتغير حق أحد المشاركين في العمل أو التدريب أو الدورة خلال أسابيع",
        "glass-broken": "فُتح سجل في حالة طارئة",
        "record-rectified": "صُحِّح سجل يحق لكم الاطلاع عليه",
        "rights-request-filed": "يمارس شخص أحد حقوقه المتعلقة ببياناته",
        "rights-request-due": "يجب الرد على طلب يخص بيانات شخص خلال أسبوع",
        "rights-request-overdue": "لم يُرد في الوقت المحدد على طلب يخص بيانات شخص",
        "rights-request-decided": "تم الرد على طلبك المتعلق ببياناتك",
        "webhook-stopped": "توقّف أحد إشعارات الويب (webhook) الخاصة بجهتكم",
        "document-expiring": "تنتهي صلاحية مستند لأحد المشاركين قريبًا",
        "appointment-near": "اقترب موعد",
        "referral-requested": "وصلت إحالة",
        "referral-claimed": "وجدت إحالة مفتوحة من يتولاها",
        "referral-accepted": "قُبلت إحالة",
        "referral-started": "بدأ العمل على إحالة",
        "referral-completed": "اكتملت إحالة",
        "referral-rejected": "رُفضت إحالة",
        "referral-on-hold": "عُلّقت إحالة مؤقتًا",
        "referral-resumed": "استؤنف العمل على إحالة",
        "referral-failed": "انتهت إحالة دون نتيجة",
        "referral-cancelled": "أُلغيت إحالة",
        "referral-entered-in-error": "أُدخلت إحالة عن طريق الخطأ",
        "referral-expired": "لم يُجب أحد عن إحالة في الوقت المحدد",
        "referral-overdue": "تأخر الرد على إحالة",
        "journey-started": "انضم أحد المشاركين إلى برنامج",
        "stage-entered": "بدأت مرحلة من برنامج",
        "stage-completed": "اكتملت مرحلة من برنامج",
        "feedback-given": "وصلت ملاحظات تقييم",
        "attention-raised": "مسار أحد المشاركين في برنامج يحتاج إلى انتباه",
        "attention-cleared": "تمت معالجة تنبيه",
        "transition-decided": "تقرر ما يلي البرنامج",
        "journey-ended": "انتهى برنامج أحد المشاركين",
        "follow-up-due": "حان وقت السؤال عن سير الأمور",
        "match-proposed": "تم اقتراح شخص لأحد الأماكن",
        "match-accepted": "قُبل اقتراح",
        "match-declined": "رُفض اقتراح",
        "placement-confirmed": "تم تأكيد التحاق بمكان عمل",
        "placement-started": "بدأ التحاق بمكان عمل",
        "placement-ended": "انتهى التحاق بمكان عمل",
    },
    digest="ما حدث منذ أمس",
    about="الرمز",
    look="انظر",
    why="تصلك هذه الرسالة لأن لك دورًا في الأمر. يمكنك في إعداداتك اختيار ما يُرسل إليك بالبريد.",
    right_to_left=True,
)

LANGUAGES: Final[Mapping[str, Words]] = {"en": ENGLISH, "de": GERMAN, "ar": ARABIC}


def language_for(*wishes: str | None) -> str:
    """The first wished-for language (BCP 47) that there are words in."""
    for wish in wishes:
        base = (wish or "").split("-")[0].lower()
        if base in LANGUAGES:
            return base
    return FALL_BACK
