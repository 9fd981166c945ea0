"""Questions that somebody asks before a study, each with the claims that answer it.

They were written from what a product manager would want to know, not from the words of the claims.
An answer is found when any of the claims named is among the first five.
"""

from __future__ import annotations

DEMO: dict[str, tuple[str, ...]] = {
    "Почему покупатели пишут в поддержку после возврата?": ("tickets-i2", "tickets-01"),
    "Устраивает ли людей срок возврата денег?": ("tickets-i1",),
    "Знают ли покупатели правила возврата до покупки?": ("tickets-i3", "across-i6"),
    "Помогают ли шаблонные ответы поддержки?": ("tickets-i4",),
    "Почему в пунктах выдачи по вечерам очереди?": ("pickup-i2",),
    "Почему сотрудник пункта отказывает в возврате, если приложение разрешило?": (
        "pickup-i1",
        "tickets-07",
    ),
    "Где люди ищут поле для промокода?": ("checkout-i1", "checkout-01"),
    "Что мешает войти во время оформления заказа?": ("checkout-i2",),
    "Как люди платят и почему выбирают СБП?": ("checkout-i4",),
    "Нужно ли показывать дату доставки раньше?": ("checkout-i3",),
    "Работают ли баннеры на главной?": ("home-i3",),
    "Чем пользуются постоянные покупатели на главной странице?": ("home-i1",),
    "Почему новые покупатели не доверяют площадке?": ("home-i2",),
    "Какие подборки товаров полезны?": ("home-i4", "home-05"),
    "Зачем людям обмен размера?": ("across-i1",),
    "Откуда приходят новые покупатели и продавцы?": ("across-i4",),
    "Почему самозанятые не заканчивают регистрацию?": ("across-i5", "sellers-i1"),
    "Как сотрудники находят посылки на полках?": ("pickup-i3",),
    "Примут ли вещь без бирки?": ("tickets-12", "across-i6"),
    "Хотят ли покупатели платить баллами?": ("checkout-08",),
    "Что видит человек, если ошибся в поисковом запросе?": ("home-07",),
    "Зачем выбирают пункт выдачи, а не курьера?": ("checkout-09",),
    "Сколько продавцы готовы ждать проверки документов?": ("sellers-i2", "across-i2"),
    "Why do sellers drop out during registration?": ("sellers-i1", "across-i5"),
    "How long can we keep sellers waiting for the document check?": ("sellers-i2", "sellers-03"),
    "What do sellers need from payouts?": ("sellers-i3",),
    "How do sellers learn about returned goods?": ("sellers-i4",),
    "Does the new return timeline reduce questions to the chat?": ("redesign-i1",),
    "When does a buyer believe that a return is done?": ("redesign-i2",),
    "What makes listing goods hard for new sellers?": ("sellers-i5", "sellers-06"),
    "Can people with a foreign phone number place an order?": ("checkout-12",),
    "Do people lose their promo codes at checkout?": ("checkout-i1", "checkout-01"),
}

# To the findings of 23 rounds of usability tests, by their ids there.
REAL: dict[str, tuple[str, ...]] = {
    "Do people understand what grey dates in a calendar mean?": (
        *(f"ssa-round07-{number:03}" for number in range(40, 47)),
        *("ssa-round08-041", "ssa-round08-042", "ssa-round08-050"),
        *("ssa-round06-087", "ssa-round09-042"),
    ),
    "Where do people look for the filter of a table?": ("ssa-round18-035", "ssa-round19-064"),
    "Do users like an error summary at the top of a form?": (
        *(f"ssa-round06-{number:03}" for number in range(77, 81)),
        "ssa-round04-043",
    ),
    "Do people notice a password strength indicator?": (
        "ssa-round04-049",
        "ssa-round04-050",
        "ssa-round04-051",
    ),
    "Is a tree structure easy to use?": (
        *(f"ssa-round11-{number}" for number in range(101, 108)),
        "ssa-round12-052",
        "ssa-round13-036",
    ),
    "Can people create an account on a smartphone?": ("ssa-round05-105",),
    "Do people know that a chevron can be clicked?": (
        "ssa-round13-036",
        "ssa-round08-073",
        "ssa-round08-078",
    ),
    "What do people expect to see while they drag and drop an item?": ("ssa-round20-046",),
    "Which search do people prefer, with a dropdown or without?": (
        "ssa-round20-034",
        "ssa-round20-037",
    ),
    "Do people expect a confirmation when they follow a link?": (
        "ssa-round23-036",
        "ssa-round23-037",
    ),
    "Can a tag be mistaken for a button?": ("ssa-round22-067",),
    "How do people expand the rows of a table?": (
        *(f"ssa-round09-{number:03}" for number in (78, 79, 87, 88, 89)),
    ),
    "Should the last tab be called More or Other?": ("ssa-round06-056",),
    "What do people think of a summary with an accordion?": (
        "ssa-round23-085",
        "ssa-round23-087",
        "ssa-round23-090",
    ),
    "Do people know what an IBAN is?": ("ssa-round05-089", "ssa-round05-091"),
}
