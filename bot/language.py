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
    "皑蔼暗肮奥坝摆颁绊镑谤剥饱鲍杯辈背钡狈惫毙痹辟贬辩辫鳖别瘪濒滨宾摈并钵铂卜布才采彩参蚕惭惨灿苍沧册诧搀掺蝉馋谗铲阐颤畅钞彻惩骋痴驰齿炽宠畴踌筹仇绸丑出厨锄雏疮闯创锤绰辞赐囱丛凑蹿窜郸掸胆惮诞当党荡荡捣祷邓涤抵缔颠淀雕吊钓谍叠锭冬栋犊赌镀"
    "锻兑吨顿钝堕讹恶饿饵贰阀珐矾钒贩泛泛纺诽坟愤粪枫冯讽佛夫辐抚赋复讣缚干杆秆赣冈钢纲岗镐阁铬个龚巩贡钩蛊雇刮剐拐闺诡刽辊骇核合阂鹤贺横恒轰哄鸿胡胡沪哗哗痪焕涣辉回毁毁贿秽烩汇讳诲绘荤获击饥饥讥缉蓟夹家荚贾钾歼笺艰奸缄茧俭槛鉴鉴舰剑饯溅涧僵"
    "蒋桨浇骄娇搅铰矫侥绞诫锦晋烬尽劲荆鲸痉厩驹局巨锯惧鹃卷绢诀钧骏凯克课垦恳抠扣侩矿旷岿窥溃昆阔阑澜谰懒缆滥劳涝镭垒棱厘篱漓鲤栗厉砾沥隶俩莲镰镰涟帘敛链梁辽了镣猎临鳞凛赁龄凌岭馏聋笼垄陇娄搂篓芦卢颅庐炉掳卤卤虏赂禄录驴吕侣屡缕峦挛孪滦抡伦仑"
    "仑沦纶萝锣箩骡骆迈脉瞒蛮谩锚铆镁闷蒙蒙蒙锰谜弥弥秘觅幂缅庙蔑悯闽鸣铭谬谋亩呐钠纳挠恼馁腻撵念娘聂啮啮镊镍柠狞拧泞纽脓浓疟鸥殴沤庞抛喷鹏贫泼颇铺仆朴栖戚凄凄脐岂讫千谦钳谴堑呛蔷锹乔侨翘窍钦寝氢顷琼穷秋躯驱龋颧鹊饶绕韧纫荣锐闰萨鳃丧杀刹陕赡"
    "缮赊舍慑绅沈婶肾升绳胜圣狮湿诗尸虱驶兽枢赎术竖硕烁私饲耸怂颂诵搜擞苏苏肃酸绥笋琐它獭挞台台贪瘫滩坛谭叹涛绦腾誊锑屉烃同团颓蜕托鸵驮椭洼弯玩顽挽万韦潍苇纬谓瓮挝蜗涡窝卧呜钨乌污诬芜吴坞锡牺袭席习铣辖峡侠狭厦纤贤衔闲弦献馅羡宪厢镶向向萧嚣啸"
    "蝎挟胁谐泄泻锌衅幸凶汹修嘘叙恤轩悬旋癣绚勋勋熏驯逊鸦亚讶咽阉盐岩阎艳艳厌砚彦谚鸯疡瑶尧窑谣药铱颐仪蚁艺义诣谊绎荫荫樱婴鹰缨荧蝇赢颖哟佣痈踊咏涌忧铀舆渔屿吁御愈欲狱驭鸳渊辕缘钥岳粤悦云郧匀陨蕴酝灾攒赞赃脏凿枣噪皂贼铡栅斋毡沾盏斩辗崭栈占绽"
    "赵蛰辙锗贞针侦挣睁狰帧症郑证只挚掷致帜钟周诌轴昼朱诸诛烛瞩贮铸筑驻桩庄壮锥赘坠缀谆着浊兹纵邹诅钻钻昵呗喽"
    "复"
)
TRADITIONAL = (
    "們這個來時說國為會對發開經過問現關點還進沒樣間東車長見種當給錢動兩頭讓無體書電話買賣門馬號單訂貨質換壞壓損錯題誰嗎麼處實認該請謝談論證訴訟評價員賬帳戶額費貴賠補償應標稱與從眾優傳傷別劑務辦協廠歷參雙變臺聽響園圖塊聲備夠獎"
    "學寶審寬層屆歲師帶幫並廣庫張彈歸錄態總願戰掃護報擔擇據撐斷舊顯曉術機條極構檢歡殘毀氣匯漢溝澤淺測濟瀏溫濕滿潛燈靈熱愛獨環畫療監盤確礙禮離積穩競筆簽簡類糧紅約級紀線組細終織紹結絕統繼績續維綜緩編縮網羅罷職聯膚髒腳脫節藥營慮"
    "雖裝規視覺觸計討訓議記講許設訪識詞譯試詳詢語誤讀調諒負財責敗購貼資贈趕趨輪軟輕載較輸達運遠連遲適選遺郵釋裡針鐘鑰鈕銀鏈銷鎖鍵鏡閉聞閱際陸險隨難霧靜頁項順須顧預領頻顏風飛飯飲飾館騙驗驟魚鮮黃齊龍鄰緒軌揀滅嚴訊僅倉偽側傾虧親"
    "億剛丟憑諾謊罵鬧賴賺顆襪褲繡爛鏽貝紙蓋壺鍋鐲餅餃蝦雞鴨貓兒樂亂爭傘偉債儲蘭興養寫軍農沖決況淨涼減鳳劃劉則劇勸勵勢區醫華衛卻廁縣葉嚇嘔嚨啞喚囉囑圍堅壇墊牆殼奪奮婦媽娛孫寧尋導將爾塵嘗島幣慶廢異棄強憶懷憐惡驚慣戲執擴搶攔擁撥"
    "掛擋擠揮撿擱攜擺搖攤敵數鬥曬暫權傑槍櫃樹欄橋夢樓湯淚潔渾漿塗漲潤澀漬漸滲滾濾煙煩燒爺牽狀猶豬瑪瘋癮皺碼磚礎禍竊篩籃緊糾纖純紗紋練綁絨絡綠縫纏繳恥聰腸腫脹膠腦臉蘇薦獲萊瑩藍蟲蝕襖觀覽譽詐診誠誘謹賤貸貿賞躍踐軋轉轎輛輔輯邊遷"
    "違遞邏醬釘鐵鋁銅鋒閃閒陽陰陣階陳隱韓飄餿駁騎魯麥龜幾紛貫贊復盡後準於徵乾麵隻鬆製係穀週"
    "內舉豐圓韻專刪蹤驛場籤螢滯妝檔盜餘饋絲遊稅隊攝虛擬繫啟灣鳥雜遙衝誇譜廳業賽戀駕攏曆罰徑範誌團騷擾凍註產麗鄉嘆壽妳宮屬帥採揚撈撲攬暈楊槓櫥歐灑燙煉畢癢睏禿紮綿緞繃羣脣臘艙莖蔥薑蘋螞蠟襯諮跡蹟醃釀鈣鈴鉛錶鎮鏟闆閘頂頸頰餵饅駝髮鬱鴿鵝鹹鹼黴喫牀綫衆爲麽嚐鬚"
    "皚藹闇骯奧壩襬頒絆鎊謗剝飽鮑盃輩揹鋇狽憊斃痺闢貶辯辮鱉彆癟瀕濱賓擯併缽鉑蔔佈纔寀綵蔘蠶慚慘燦蒼滄冊詫攙摻蟬饞讒剷闡顫暢鈔徹懲騁癡馳齒熾寵疇躊籌讎綢醜齣廚鋤雛瘡闖創錘綽辭賜囪叢湊躥竄鄲撣膽憚誕噹黨蕩盪搗禱鄧滌牴締顛澱鵰弔釣諜疊錠鼕棟犢賭鍍"
    "鍛兌噸頓鈍墮訛噁餓餌貳閥琺礬釩販氾汎紡誹墳憤糞楓馮諷彿伕輻撫賦複訃縛幹桿稈贛岡鋼綱崗鎬閣鉻箇龔鞏貢鉤蠱僱颳剮柺閨詭劊輥駭覈閤閡鶴賀橫恆轟鬨鴻鬍衚滬譁嘩瘓煥渙輝迴燬譭賄穢燴彙諱誨繪葷穫擊飢饑譏緝薊夾傢莢賈鉀殲箋艱姦緘繭儉檻鑑鑒艦劍餞濺澗殭"
    "蔣槳澆驕嬌攪鉸矯僥絞誡錦晉燼儘勁荊鯨痙廄駒侷鉅鋸懼鵑捲絹訣鈞駿凱剋課墾懇摳釦儈礦曠巋窺潰崑闊闌瀾讕懶纜濫勞澇鐳壘稜釐籬灕鯉慄厲礫瀝隸倆蓮鐮鎌漣簾斂鍊樑遼瞭鐐獵臨鱗凜賃齡淩嶺餾聾籠壟隴婁摟簍蘆盧顱廬爐擄滷鹵虜賂祿彔驢呂侶屢縷巒攣孿灤掄倫侖"
    "崙淪綸蘿鑼籮騾駱邁脈瞞蠻謾錨鉚鎂悶矇濛懞錳謎彌瀰祕覓冪緬廟衊憫閩鳴銘謬謀畝吶鈉納撓惱餒膩攆唸孃聶齧嚙鑷鎳檸獰擰濘紐膿濃瘧鷗毆漚龐拋噴鵬貧潑頗鋪僕樸棲慼悽淒臍豈訖韆謙鉗譴塹嗆薔鍬喬僑翹竅欽寢氫頃瓊窮鞦軀驅齲顴鵲饒繞韌紉榮銳閏薩鰓喪殺剎陝贍"
    "繕賒捨懾紳瀋嬸腎昇繩勝聖獅溼詩屍蝨駛獸樞贖朮豎碩爍俬飼聳慫頌誦蒐擻甦囌肅痠綏筍瑣牠獺撻檯颱貪癱灘罈譚歎濤絛騰謄銻屜烴衕糰頹蛻託鴕馱橢窪彎翫頑輓萬韋濰葦緯謂甕撾蝸渦窩臥嗚鎢烏汙誣蕪吳塢錫犧襲蓆習銑轄峽俠狹廈縴賢銜閑絃獻餡羨憲廂鑲嚮曏蕭囂嘯"
    "蠍挾脅諧洩瀉鋅釁倖兇洶脩噓敘卹軒懸鏇癬絢勳勛燻馴遜鴉亞訝嚥閹鹽巖閻豔艷厭硯彥諺鴦瘍瑤堯窯謠葯銥頤儀蟻藝義詣誼繹蔭廕櫻嬰鷹纓熒蠅贏穎喲傭癰踴詠湧憂鈾輿漁嶼籲禦癒慾獄馭鴛淵轅緣鈅嶽粵悅雲鄖勻隕蘊醞災攢讚贓臟鑿棗譟皁賊鍘柵齋氈霑盞斬輾嶄棧佔綻"
    "趙蟄轍鍺貞鍼偵掙睜猙幀癥鄭証祇摯擲緻幟鍾賙謅軸晝硃諸誅燭矚貯鑄築駐樁莊壯錐贅墜綴諄著濁茲縱鄒詛鑽鉆暱唄嘍"
    "覆"
)
"""The same common characters in both scripts, at the same places."""
ALSO_TRADITIONAL = (
    "里台干后面只准于征系谷制松斗划几周丰余游冲夸范志注采困扎群唇姜咨表板喂郁咸霉吃床你"
    "暗肮杯背痹辟并卜布才采彩蚕痴仇丑出党抵淀雕吊冬吨泛佛夫复干杆雇刮拐核合哄胡回家奸茧僵局巨卷克扣昆棱厘篱漓栗帘梁了凌岭蒙秘蔑念娘泞仆朴栖戚凄千秋舍沈升胜圣尸虱私搜酸它台同托洼玩挽万瓮污席弦羡向蝎泄幸凶修恤旋熏咽岩佣踊涌吁御愈欲岳云噪皂沾占"
    "症只致周朱筑庄昵"
)
"""Written in both scripts, in traditional texts for another word: they tell nothing about the script."""

ALSO_SIMPLIFIED = "乾徵著瞭麽覆"
"""Written in both scripts, in simplified texts for another word: 乾隆, 著名."""

ONE_SCRIPT = str.maketrans(TRADITIONAL, SIMPLIFIED)
ONLY_TRADITIONAL = re.compile("[" + "".join(set(TRADITIONAL) - set(ALSO_SIMPLIFIED)) + "]")
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
