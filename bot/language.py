"""Which language a text is written in, and one spelling of Chinese for comparing."""

import re

from bot.latin import MOST_CHARS, is_english, seems_english, seems_pinyin, words_in

HAN = re.compile(r"[㐀-鿿豈-﫿]")
KANA_OR_HANGUL = re.compile(r"[぀-ヿ가-힯]")
CHINESE = "zh"
"""Chinese of either script: nothing in the text tells which."""

SIMPLIFIED = (
    "们这个来时说国为会对发开经过问现关点还进没样间东车长见种当给钱动两头让无体书电话买卖门马号单订货质换坏压损错题谁吗么处实认该请谢谈论证诉讼评价员账帐户额费贵赔补偿应标称与从众优传伤别剂务办协厂历参双变台听响园图块声备够奖"
    "学宝审宽层届岁师带帮并广库张弹归录态总愿战扫护报担择据撑断旧显晓术机条极构检欢残毁气汇汉沟泽浅测济浏温湿满潜灯灵热爱独环画疗监盘确碍礼离积稳竞笔签简类粮红约级纪线组细终织绍结绝统继绩续维综缓编缩网罗罢职联肤脏脚脱节药营虑"
    "虽装规视觉触计讨训议记讲许设访识词译试详询语误读调谅负财责败购贴资赠赶趋轮软轻载较输达运远连迟适选遗邮释里针钟钥钮银链销锁键镜闭闻阅际陆险随难雾静页项顺须顾预领频颜风飞饭饮饰馆骗验骤鱼鲜黄齐龙邻绪轨拣灭严讯仅仓伪侧倾亏亲"
    "亿刚丢凭诺谎骂闹赖赚颗袜裤绣烂锈贝纸盖壶锅镯饼饺虾鸡鸭猫儿乐乱争伞伟债储兰兴养写军农冲决况净凉减凤划刘则剧劝励势区医华卫却厕县叶吓呕咙哑唤啰嘱围坚坛垫墙壳夺奋妇妈娱孙宁寻导将尔尘尝岛币庆废异弃强忆怀怜恶惊惯戏执扩抢拦拥拨"
    "挂挡挤挥捡搁携摆摇摊敌数斗晒暂权杰枪柜树栏桥梦楼汤泪洁浑浆涂涨润涩渍渐渗滚滤烟烦烧爷牵状犹猪玛疯瘾皱码砖础祸窃筛篮紧纠纤纯纱纹练绑绒络绿缝缠缴耻聪肠肿胀胶脑脸苏荐获莱莹蓝虫蚀袄观览誉诈诊诚诱谨贱贷贸赏跃践轧转轿辆辅辑边迁"
    "违递逻酱钉铁铝铜锋闪闲阳阴阵阶陈隐韩飘馊驳骑鲁麦龟几纷贯赞复尽后准于征干面只松制系谷周"
    "内举丰圆韵专删踪驿场签荧滞妆档盗余馈丝游税队摄虚拟系启湾鸟杂遥冲夸谱厅业赛恋驾拢历罚径范志团骚扰冻注产丽乡叹寿你宫属帅采扬捞扑揽晕杨杠橱欧洒烫炼毕痒困秃扎绵缎绷群唇腊舱茎葱姜苹蚂蜡衬咨迹迹腌酿钙铃铅表镇铲板闸顶颈颊喂馒驼发郁鸽鹅咸碱霉吃床线众为么尝须"
)
TRADITIONAL = (
    "們這個來時說國為會對發開經過問現關點還進沒樣間東車長見種當給錢動兩頭讓無體書電話買賣門馬號單訂貨質換壞壓損錯題誰嗎麼處實認該請謝談論證訴訟評價員賬帳戶額費貴賠補償應標稱與從眾優傳傷別劑務辦協廠歷參雙變臺聽響園圖塊聲備夠獎"
    "學寶審寬層屆歲師帶幫並廣庫張彈歸錄態總願戰掃護報擔擇據撐斷舊顯曉術機條極構檢歡殘毀氣匯漢溝澤淺測濟瀏溫濕滿潛燈靈熱愛獨環畫療監盤確礙禮離積穩競筆簽簡類糧紅約級紀線組細終織紹結絕統繼績續維綜緩編縮網羅罷職聯膚髒腳脫節藥營慮"
    "雖裝規視覺觸計討訓議記講許設訪識詞譯試詳詢語誤讀調諒負財責敗購貼資贈趕趨輪軟輕載較輸達運遠連遲適選遺郵釋裡針鐘鑰鈕銀鏈銷鎖鍵鏡閉聞閱際陸險隨難霧靜頁項順須顧預領頻顏風飛飯飲飾館騙驗驟魚鮮黃齊龍鄰緒軌揀滅嚴訊僅倉偽側傾虧親"
    "億剛丟憑諾謊罵鬧賴賺顆襪褲繡爛鏽貝紙蓋壺鍋鐲餅餃蝦雞鴨貓兒樂亂爭傘偉債儲蘭興養寫軍農沖決況淨涼減鳳劃劉則劇勸勵勢區醫華衛卻廁縣葉嚇嘔嚨啞喚囉囑圍堅壇墊牆殼奪奮婦媽娛孫寧尋導將爾塵嘗島幣慶廢異棄強憶懷憐惡驚慣戲執擴搶攔擁撥"
    "掛擋擠揮撿擱攜擺搖攤敵數鬥曬暫權傑槍櫃樹欄橋夢樓湯淚潔渾漿塗漲潤澀漬漸滲滾濾煙煩燒爺牽狀猶豬瑪瘋癮皺碼磚礎禍竊篩籃緊糾纖純紗紋練綁絨絡綠縫纏繳恥聰腸腫脹膠腦臉蘇薦獲萊瑩藍蟲蝕襖觀覽譽詐診誠誘謹賤貸貿賞躍踐軋轉轎輛輔輯邊遷"
    "違遞邏醬釘鐵鋁銅鋒閃閒陽陰陣階陳隱韓飄餿駁騎魯麥龜幾紛貫贊復盡後準於徵乾麵隻鬆製係穀週"
    "內舉豐圓韻專刪蹤驛場籤螢滯妝檔盜餘饋絲遊稅隊攝虛擬繫啟灣鳥雜遙衝誇譜廳業賽戀駕攏曆罰徑範誌團騷擾凍註產麗鄉嘆壽妳宮屬帥採揚撈撲攬暈楊槓櫥歐灑燙煉畢癢睏禿紮綿緞繃羣脣臘艙莖蔥薑蘋螞蠟襯諮跡蹟醃釀鈣鈴鉛錶鎮鏟闆閘頂頸頰餵饅駝髮鬱鴿鵝鹹鹼黴喫牀綫衆爲麽嚐鬚"
)
"""The same common characters in both scripts, at the same places."""
ALSO_TRADITIONAL = "里台干后面只准于征系谷制松斗划几周丰余游冲夸范志注采困扎群唇姜咨表板喂郁咸霉吃床你"
"""Written in both scripts, in traditional texts for another word: they tell nothing about the script."""

ONE_SCRIPT = str.maketrans(TRADITIONAL, SIMPLIFIED)
ONLY_TRADITIONAL = re.compile(f"[{TRADITIONAL}]")
ONLY_SIMPLIFIED = re.compile("[" + "".join(set(SIMPLIFIED) - set(ALSO_TRADITIONAL)) + "]")


SENTENCE_HAN = re.compile(
    "[我你您妳他她它们們的了吗嗎吧呢啊么麼不没沒是在有要想能可会會这這那哪怎请請给給把被到和就都还還也很太退]"
)
"""They make a sentence of Chinese characters, where a name has none of them."""
SHORTEST_SENTENCE = 3
LONGEST_NAME = 4
"""Chinese characters: fewer are no sentence; more are no name, whatever they are."""
CLEARLY_MORE = 4
"""Times as many characters of one script as of the other: what is less may be quoted."""


def next_language(language: str, text: str, *, is_first: bool) -> str:
    """Return the language to go on in after a customer's text; `is_first` when they have not written before.

    A chat that is under way changes only on clear evidence, since whoever wrote two sentences of Chinese reads Chinese. The first
    text of a chat is compared with nothing better than what the platform knows of its customer, so that less is enough.
    """
    if text.startswith("/"):
        return language
    text = text[:MOST_CHARS]
    heard = language_of(text) if is_first else clear_language_of(text)
    if heard == CHINESE:
        return language if language.startswith(CHINESE) else "zh-CN"
    return heard or language


def clear_language_of(text: str) -> str | None:
    """Return zh-TW, zh-CN, CHINESE of either script or en, where the text is a sentence in it; None: it tells nothing."""
    characters = HAN.findall(text)
    if not characters:
        return "en" if is_english(text) else None
    is_sentence = len(characters) > LONGEST_NAME or (
        len(characters) >= SHORTEST_SENTENCE and SENTENCE_HAN.search(text) is not None
    )
    if not is_sentence or KANA_OR_HANGUL.search(text) or quotes_chinese(text, len(characters)):
        return None
    traditional, simplified = len(ONLY_TRADITIONAL.findall(text)), len(ONLY_SIMPLIFIED.findall(text))
    if traditional > CLEARLY_MORE * simplified:
        return "zh-TW"
    return "zh-CN" if simplified > CLEARLY_MORE * traditional else CHINESE


def quotes_chinese(text: str, characters: int) -> bool:
    """Whether an English sentence has a few Chinese characters in it: "the label says 易碎, what is that?"."""
    return len(words_in(text)) > characters / 2 and is_english(HAN.sub(" ", text))


def language_of(text: str) -> str | None:
    """Return what the text alone lets us guess: zh-TW, zh-CN, CHINESE, en; None for names, links, numbers, `ok`, emoji."""
    characters = len(HAN.findall(text))
    if not characters:
        return CHINESE if seems_pinyin(text) else "en" if seems_english(text) else None
    if KANA_OR_HANGUL.search(text):
        return None
    if quotes_chinese(text, characters):
        return "en"
    traditional, simplified = len(ONLY_TRADITIONAL.findall(text)), len(ONLY_SIMPLIFIED.findall(text))
    if traditional == simplified:
        return CHINESE
    return "zh-TW" if traditional > simplified else "zh-CN"


def language_for(tag: str) -> str:
    """The one of ours for a language tag of BCP 47 (`zh-Hant-HK`), or the first of an Accept-Language header."""
    first = tag.strip().lower()
    if not first.startswith(CHINESE):
        return "en"
    return "zh-TW" if re.match(r"zh(?!-hans)(-\w+)?-(hant|tw|hk|mo)\b", first) else "zh-CN"


def is_chinese(text: str) -> bool:
    return HAN.search(text) is not None
