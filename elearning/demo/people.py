"""The students of the demo school. None of them exists; the addresses cannot receive e-mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    language: str
    latin_name: str = ""


@dataclass(frozen=True)
class DemoReview:
    """What a student who completed the course wrote about it."""

    course_slug: str
    email: str
    rating: int
    text: str


PEOPLE = (
    Person("alice@example.com", "Alice Kim", "ko"),
    Person("bob@example.com", "Bob Lee", "en"),
    Person("minseo.park@example.com", "박민서", "ko", "PARK MINSEO"),
    Person("jiho.kim@example.com", "김지호", "ko", "KIM JIHO"),
    Person("seoyeon.lee@example.org", "이서연", "ko", "LEE SEOYEON"),
    Person("doyun.choi@example.com", "최도윤", "ko", "CHOI DOYUN"),
    Person("haeun.jung@example.com", "정하은", "ko"),
    Person("junwoo.kang@example.org", "강준우", "ko"),
    Person("sua.yoon@example.com", "윤수아", "ko"),
    Person("hyunwoo.lim@example.com", "임현우", "ko"),
    Person("yerin.han@example.org", "한예린", "ko"),
    Person("byeol.namgung@example.com", "남궁별", "ko", "NAMGUNG BYEOL"),
    Person("taeyang.hwangbo@example.com", "황보태양", "ko"),
    Person("seonu.eunsol@example.org", "선우은솔", "ko"),
    Person("haneulbit.kim@example.com", "김하늘빛나래", "ko"),
    Person("sora.oh@example.com", "오소라", "ko"),
    Person("gyeongmin.seo@example.com", "서경민", "ko"),
    Person("nayoung.shin@example.org", "신나영", "ko"),
    Person("dongha.kwon@example.com", "권동하", "ko"),
    Person("eunjae.bae@example.com", "배은재", "ko"),
    Person("woojin.jeon@example.com", "전우진", "ko"),
    Person("chaewon.moon@example.org", "문채원", "ko"),
    Person("tuan.nguyen@example.com", "Nguyễn Minh Tuấn", "en"),
    Person("huong.tran@example.com", "Trần Thị Thu Hương", "ko"),
    Person("duc.pham@example.org", "Phạm Đức", "en"),
    Person("sofia.garcia@example.com", "Sofía García Márquez", "en"),
    Person("lukasz.wojcik@example.org", "Łukasz Wójcik", "en"),
    Person("bjork.sigurdar@example.com", "Björk Sigurðardóttir", "en"),
    Person("zeynep.celik@example.com", "Zeynep Çelik", "en"),
    Person("amara.okafor@example.org", "Amara Chukwuemeka-Okafor", "en"),
    Person("kenji.watanabe@example.com", "Watanabe Kenji", "en"),
    Person("mei.chen@example.com", "Chen Mei-ling", "en"),
    Person("priya.raghunathan@example.com", "Priya Venkataraman Raghunathan", "en"),
    Person("maria.santos@example.org", "Maria da Conceição Albuquerque dos Santos", "en"),
    Person("olena.kovalenko@example.com", "Olena Kovalenko", "en"),
    Person("yusuf.rahman@example.org", "Yusuf bin Abdul Rahman", "en"),
    Person("siobhan.oneill@example.com", "Siobhán O’Neill", "en"),
    Person("tom.baker@example.com", "Tom Baker", "en"),
    Person("noor.elmasri@example.org", "Noor El-Masri", "en"),
    Person("anouk.vandenberg@example.com", "Anouk van den Berg", "en"),
    Person("suman.gurung@example.com", "Suman Gurung", "ko"),
)

REVIEWS = (
    DemoReview(
        course_slug="machine-learning-basics",
        email="alice@example.com",
        rating=5,
        text=(
            "라이브러리를 쓰기 전에 경사 하강법을 직접 짜 본 것이 가장 좋았습니다. 이제 남의 "
            "코드를 읽을 때 겁이 나지 않습니다."
        ),
    ),
    DemoReview(
        course_slug="machine-learning-basics",
        email="minseo.park@example.com",
        rating=5,
        text=(
            "정확도 99%의 함정 이야기는 회사에서도 바로 써먹었습니다. 지표를 고르기 전에 실수의 "
            "값을 먼저 묻게 되었어요."
        ),
    ),
    DemoReview(
        course_slug="machine-learning-basics",
        email="jiho.kim@example.com",
        rating=4,
        text="설명이 명료하고 코드가 모두 실행됩니다. 신경망 차시가 조금 더 길었으면 합니다.",
    ),
    DemoReview(
        course_slug="machine-learning-basics",
        email="seoyeon.lee@example.org",
        rating=5,
        text="문과 출신이라 걱정했는데 기울기까지만 알면 된다는 말이 사실이었습니다.",
    ),
    DemoReview(
        course_slug="machine-learning-basics",
        email="byeol.namgung@example.com",
        rating=4,
        text="과제의 난이도가 적당합니다. 해설이 조금 더 자세했다면 별 다섯을 드렸을 거예요.",
    ),
    DemoReview(
        course_slug="machine-learning-basics",
        email="huong.tran@example.com",
        rating=3,
        text="내용은 좋지만 한국어 용어가 낯설어 영어 용어를 함께 적어 주시면 좋겠습니다.",
    ),
    DemoReview(
        course_slug="git-first-steps",
        email="haeun.jung@example.com",
        rating=5,
        text=(
            "디자이너인데 개발팀과 같은 저장소에서 일하게 되었습니다. 충돌을 일부러 만들어 보는 "
            "실습 덕분에 겁이 없어졌어요."
        ),
    ),
    DemoReview(
        course_slug="git-first-steps",
        email="junwoo.kang@example.org",
        rating=5,
        text="reflog를 몰랐던 지난 3년이 아깝습니다. 무료라는 것이 믿기지 않아요.",
    ),
    DemoReview(
        course_slug="git-first-steps",
        email="sora.oh@example.com",
        rating=4,
        text="짧고 알찹니다. 화면으로 쓰는 도구도 한 번 소개해 주시면 좋겠어요.",
    ),
    DemoReview(
        course_slug="git-first-steps",
        email="suman.gurung@example.com",
        rating=5,
        text="쉬운 한국어로 쓰여 있어서 외국인인 저도 끝까지 따라갈 수 있었습니다. 감사합니다!",
    ),
    DemoReview(
        course_slug="introduction-to-sql",
        email="alice@example.com",
        rating=5,
        text=(
            "The question 'one row is one …?' has changed the way I look at every table at work."
        ),
    ),
    DemoReview(
        course_slug="introduction-to-sql",
        email="tuan.nguyen@example.com",
        rating=5,
        text=(
            "Every query runs, and every result is shown. I compared them line by line and "
            "found no gap."
        ),
    ),
    DemoReview(
        course_slug="introduction-to-sql",
        email="sofia.garcia@example.com",
        rating=4,
        text="Excellent on NULL and on joins. I would have liked a lesson about indexes.",
    ),
    DemoReview(
        course_slug="introduction-to-sql",
        email="priya.raghunathan@example.com",
        rating=5,
        text=(
            "I had tried to learn window functions three times before. This was the first time "
            "they stuck."
        ),
    ),
    DemoReview(
        course_slug="introduction-to-sql",
        email="tom.baker@example.com",
        rating=3,
        text=(
            "Good material, but the pace of lessons five and six is steep if you come from "
            "spreadsheets."
        ),
    ),
    DemoReview(
        course_slug="read-hangul-in-a-week",
        email="bob@example.com",
        rating=5,
        text=(
            "On day six I read 홍대입구 aloud on the platform, and a stranger applauded. Worth "
            "every minute."
        ),
    ),
    DemoReview(
        course_slug="read-hangul-in-a-week",
        email="bjork.sigurdar@example.com",
        rating=5,
        text=(
            "The paper test for breathy and tense consonants is brilliant. My flatmates think I "
            "am mad."
        ),
    ),
    DemoReview(
        course_slug="read-hangul-in-a-week",
        email="zeynep.celik@example.com",
        rating=5,
        text=(
            "Clear, honest and short. The idea that the letters draw the mouth made me remember "
            "them."
        ),
    ),
    DemoReview(
        course_slug="read-hangul-in-a-week",
        email="mei.chen@example.com",
        rating=4,
        text=(
            "Very good. Please add recordings: I would like to hear ㅓ and ㅗ from several voices."
        ),
    ),
    DemoReview(
        course_slug="read-hangul-in-a-week",
        email="maria.santos@example.org",
        rating=5,
        text=(
            "A free course that respects my time. I could read the menu at my first dinner in "
            "Seoul."
        ),
    ),
    DemoReview(
        course_slug="web-accessibility",
        email="lukasz.wojcik@example.org",
        rating=5,
        text=(
            "We did the one-hour audit on our own checkout and found a button that nobody could "
            "reach."
        ),
    ),
    DemoReview(
        course_slug="web-accessibility",
        email="siobhan.oneill@example.com",
        rating=5,
        text=(
            "Written by someone who has watched real people use the web. The form lesson alone "
            "paid for it."
        ),
    ),
    DemoReview(
        course_slug="web-accessibility",
        email="kenji.watanabe@example.com",
        rating=4,
        text=(
            "Practical and precise. More examples for mobile screen readers would make it perfect."
        ),
    ),
    DemoReview(
        course_slug="clear-business-writing",
        email="noor.elmasri@example.org",
        rating=5,
        text=(
            "I moved my last paragraph to the top, and got an answer in ten minutes. It really "
            "is that simple."
        ),
    ),
    DemoReview(
        course_slug="clear-business-writing",
        email="gyeongmin.seo@example.com",
        rating=4,
        text=(
            "English is not my first language, and I never felt that it had to be. The tables "
            "of phrases are gold."
        ),
    ),
)
