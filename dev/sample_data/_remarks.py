"""What people write in the sample world: notes, reasons, survey comments; in several scripts, some hard on a file."""

from collections.abc import Mapping

WINDOWS = ("09:00-12:00", "12:00-15:00", "15:00-18:00", "10:00-18:00", None)
DESCRIPTIONS: Mapping[str, tuple[str, ...]] = {
    "installation": (
        "Install a new card terminal at the billing counter.",
        "New merchant: install terminal, load paper roll, make a test payment.",
        "Install second terminal; merchant asks for a visit before noon, please call first.",
        "नई मशीन लगानी है, दुकान सुबह 10 बजे खुलती है।",
    ),
    "swap": (
        "Exchange the 3G terminal for a 4G one.",
        "Swap under the bank's renewal programme; bring back charger, cradle and cable.",
        'Merchant says "screen is cracked", swap the device.',
    ),
    "maintenance": (
        "Half-yearly check of the terminal and its cables.",
        "Update the firmware and check the battery.",
        "Paper jam reported twice; clean the printer.",
    ),
    "breakdown": (
        "Terminal does not start.",
        "No network since morning, queue at the counter.",
        "Card reader fails for chip cards; contactless works.",
        "மெஷின் வேலை செய்யவில்லை, உடனே வரவும்.",
    ),
    "deinstallation": (
        "Merchant closes the shop: collect the terminal.",
        "Contract ended, collect device and accessories.",
        "Relocation: remove here, installation follows under a new call.",
    ),
}
RESOLUTIONS: Mapping[str, tuple[str, ...]] = {
    "installation": ("Installed and tested with a 1 rupee payment.", "Installed; merchant trained on void and refund."),
    "swap": ("Old device taken back, new one activated.", "Swapped; batch settled before the exchange."),
    "maintenance": ("Cleaned, firmware updated, test print fine.", "Battery replaced.\nCable tied to the counter."),
    "breakdown": ("SIM reseated, network back.", "Main board faulty, device replaced from stock.", "बैटरी बदली गई।"),
    "deinstallation": ("Device collected with charger.", "Collected; cradle missing, merchant has signed for it."),
}
ODD_TEXTS = (
    "=1+1 was typed by the engineer",
    "+ charger, + cable, + cradle",
    "- no access to the counter -",
    "@merchant: call again tomorrow",
    'He said: "come, after lunch", then\nnobody opened; waited 20 min, left a note',
    "Signal 📶 weak; antenna moved ➜ fine 👍🏽",
    '=HYPERLINK("http://example.com","open")',
    "تم التركيب والاختبار بنجاح",
    "设备已安装 测试正常。",
)
LONG_NOTE = (
    "The counter stands behind a glass wall and the only socket is shared with the freezer, which trips the fuse when "
    "the terminal prints; an electrician of the landlord came after an hour and laid a line of its own. Then the SIM "
    "had no coverage at the counter, so the terminal was moved next to the window, where two bars were seen on both "
    "slots. Ten test payments went through, chip and contactless, the slowest in 14 seconds. The merchant asked for "
    "training of the evening staff as well; a second visit was agreed for the coming week, between 18:00 and 19:00, "
    "and written down on the service sheet, which he has stamped and signed. Spare paper: 5 rolls left with him."
)
DELAY_REASONS = (
    "Merchant asked for a later date",
    "Waiting for the SIM card",
    "Device not in stock",
    "Road closed by rain",
    "Shop closed, owner out of town",
    "Address could not be found, called twice",
    "ग्राहक से संपर्क नहीं हो पाया",
)
SWAP_REASONS = ("Renewal of devices", "Cracked screen", "Battery swollen", "Printer worn", "3G switched off")
OLD_DEVICE_STATES = ("Working", "Faulty", "Damaged", "Not returned")
FAULTS = ("No power", "No network", "Chip reader fails", "Paper jam", "Screen dark", "Keys stuck")
ROOT_CAUSES = ("Battery worn", "SIM expired", "Spilled tea", "Firmware fault", "Cable cut", "Unknown")
REPAIRS = ("Battery replaced", "SIM replaced", "Device exchanged", "Firmware loaded again", "Cable replaced")
IMPACTS = ("None", "Low", "Cash only", "Counter closed")
MAINTENANCE_TYPES = ("Preventive", "Firmware", "Cleaning", "Inspection")
ISSUES = ("None", "Dust in the printer", "Loose cable", "Worn keys", "Weak battery")
PARTS = ("Battery", "Power adapter", "Paper cover", "Antenna", "SIM tray")
DEINSTALLATION_REASONS = ("Shop closed", "Contract ended", "Changed to another bank", "Relocation", "No business")
CONDITIONS = ("Good", "Scratched", "Damaged", "Not found")
RETURN_STATES = ("Returned to warehouse", "With engineer", "In transit", "Lost")
CANCEL_REASONS = ("customer_rescheduled", "wrong_address", "device_compatibility", "other", "parts_not_available")
CANCEL_DETAILS = ("Merchant withdrew the request", "Duplicate call", "Shop does not exist", "Bank withdrew the order")
EVENT_NOTES = (
    "Called the merchant, will be there in 30 minutes",
    "Counter busy, waiting",
    "Merchant not reachable, tried twice, and left a message",
    "ग्राहक ने कहा कल आइए",
    "வாடிக்கையாளர் இல்லை",
    "Reached ✅",
)
COMMENTS: Mapping[int, tuple[str | None, ...]] = {
    5: (
        None,
        "Excellent service, very polite engineer.",
        "Quick and clean work 👍",
        "बहुत बढ़िया सेवा, इंजीनियर समय पर आया।",
        "மிகவும் நல்ல சேவை, நன்றி!",
        "خدمة ممتازة وسريعة",
        "安装很快 服务很好。",
        "=5 stars from us",
    ),
    4: (
        None,
        "Good, but he came a little after the time.",
        "Works well. Not late at all.",
        "काम अच्छा हुआ, थोड़ा और समझाते तो अच्छा होता।",
        "நல்லது",
        "- all fine -",
    ),
    3: (
        None,
        "Engineer came late and had no paper rolls.",
        "Nobody gave us training on refunds.",
        "Network is slow, payments time out.",
        "इंजीनियर देर से आया।",
        "والله الشبكة بطيئة",
        "Average.",
    ),
    2: (
        None,
        "Two days delay, no call, no message.",
        "Wiring left hanging over the counter, cable is loose.",
        "Machine not working again after one day.",
        "मशीन काम नहीं कर रही, नेटवर्क नहीं आता।",
        "இயந்திரம் சரியாக வேலை செய்யவில்லை",
        "机器经常断网。",
        "He was not rude, but he did not explain anything.",
    ),
    1: (
        "Very rude behaviour, shouted at my staff!!!",
        'Waited the whole day; "coming, coming", he said,\nand nobody came. Worst service 😡',
        "Not working since installation. Who will pay for our loss?",
        "बदतमीज़ इंजीनियर, बहुत देरी, और तार खुले छोड़ दिए।",
        "@bank please send someone who knows the machine, no training given",
        None,
    ),
}
