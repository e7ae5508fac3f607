# ruff: noqa: RUF001 - titles are written in many scripts
"""What a section is about, by the words of its title, in the languages of real documents."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pytest_superteam.architect.names import fold

__all__ = ["KINDS", "kind_of"]

# Order is precedence: the first kind that has a word in the title decides. So what forbids or only accompanies comes
# before what is to be built ("Excluded features", "API risks", "Data model: open questions"), the precise before the
# general ("Data requirements" before "Requirements"), and requirements come last, because anything may be one.
# First all words in lower-case ASCII without accents (French, Spanish, Portuguese, German, Italian, Dutch, Polish,
# Turkish, Vietnamese, Indonesian beside English), then those of other scripts. To add a language, add a line.
_TABLE: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "excluded",
        (
            r"out[- ]?of[- ]?scope|beyond (?:the )?scope|(?:non|anti)[- ]?goals?\b|non[- ]?objectives?\b",
            r"not in (?:the )?scope",
            r"\bnot (?:yet |be |being |currently )?(?:implement|built|build|planned|support)",
            r"\bnot (?:yet |be |being |currently )?(?:includ|cover|part of|doing|now\b)",
            r"\bexclu(?:ded|sions?|des|ding)\b|^excludes?\b|\bwon'?t\b|will not\b",
            r"(?:do|are|is) not (?:build|do|cover|includ)\w*",
            r"\bdeferred (?:features|items|to|until|scope|work|for)|\bdeferred\W*$|^deferred$|\bpostponed\b",
            r"nice[- ]to[- ]haves?",
            r"later (?:phases?|versions?|releases?)|post[- ](?:mvp|launch|v1)|after (?:the )?mvp\b",
            r"^(?:product )?backlog$",
            r"\bfuture (?:enhance|features?\b|work\b|improve|scope|consider)",
            r"\bfuture (?:plans?\b|releases?|versions?|roadmap|phases?|exten|develop)",
            r"\bfuture (?:ideas|possib|expan|requirements|iterations?|additions?)",
            r"\bfuture (?:directions?|opportunit|updates|vision|functionalit|capabilit|upgrades)",
            r"^(?:for )?(?:the )?future(?=\s*(?:$|[(:/&–-]|and\b|\+))|[(\[]future[^()\[\]]{0,20}[)\]]",
            r"in (?:the )?future\b",
            r"hors (?:du |de |de la )?(?:scope|perimetre|champ|portee|mvp|v1)|non[- ]?objectifs?|\bexclus?e?s?\b",
            r"non (?:inclus|couvert|prevu)",
            r"(?:evolutions?|ameliorations?|fonctionnalites?) (?:futures?|ulterieures?|a venir|possibles?)",
            r"(?:versions?|extensions?|phases?) (?:futures?|ulterieures?|a venir|possibles?)",
            r"fuera del? (?:alcance|ambito|scope|mvp)|no (?:incluid|incluye|objetivos|se (?:incluye|hara))|exclusiones",
            r"\bexcluid[oa]s?\b|quedan? fuera",
            r"(?:mejoras?|funcionalidades|fases?|versiones) futur[oa]s?",
            r"(?:trabajos?|desarrollos?|caracteristicas|ampliaciones) futur[oa]s?",
            r"futur[oa]s? (?:mejoras?|funcionalidades|fases?|versiones|desarrollos?|ampliaciones)",
            r"fora d[eoa]s? (?:escopo|ambito|mvp)|nao (?:inclu|objetivos?|escopo|sera|serao|faz)|exclusoes",
            r"\bexclui\w{0,3}\b|pos[- ]mvp",
            r"(?:melhorias|evolucoes|versoes|recursos|implementacoes|expansoes) futur[oa]s?",
            r"futur[oa]s (?:melhorias|evolucoes|versoes|funcionalidades|implementacoes)",
            r"nicht[- ]?ziele|nicht (?:im|in|teil|bestandteil|enthalten|umgesetzt|vorgesehen|abgedeckt)|abgrenzung",
            r"ausserhalb|ausgeschlossen|ausschluss",
            r"(?:zukunftige|spatere|kunftige)\w? (?:\w+ )?(?:erweiter|funktion|feature|version)",
            r"(?:zukunftige|spatere|kunftige)\w? (?:\w+ )?(?:phase|ausbau|entwickl|verbesser)",
            r"^ausblick$",
            r"fuori (?:dall[oa']? ?)?(?:ambito|scope|perimetro)|non[- ](?:obiettivi|inclus|previst)",
            r"esclus(?:[oie]|ioni)\b|(?:sviluppi|miglioramenti|evoluzioni|funzionalita|estensioni) futur[ei]",
            r"buiten (?:de )?(?:scope|bereik)|niet[- ](?:doelen|inbegrepen|in scope)|uitgesloten",
            r"toekomstige (?:uitbreid|func|verbeter|ontwikk)",
            r"kapsami? (?:disi|harici)|kapsam disinda|kapsama dahil olmayan|hedef olmayan",
            r"gelecek(?:teki)? (?:ozellik|gelistir|surum|plan)",
            r"poza zakresem|wykluczen|wylaczen|nie obejmuje|nie wchodzi|przyszle (?:funkcj|rozszerz|wersj|ulepsz)",
            r"rozwoj w przyszlosci",
            r"ngoai pham vi|khong (?:bao gom|thuoc|nam trong|lam|ho tro|thuc hien)",
            r"(?:tinh nang|mo rong|phat trien|huong phat trien|ke hoach)(?: trong)? tuong lai",
            r"di ?luar (?:ruang )?(?:lingkup|cakupan)|tidak (?:termasuk|dicakup)|bukan tujuan",
            r"(?:pengembangan|fitur|rencana) (?:masa depan|mendatang|selanjutnya|lanjutan)",
        ),
        (
            r"不包含|不包括|不在.{0,6}[范範][围圍]|[范範][围圍](?:之)?外|非目[标標]|[暂暫]不|不做|不[实實][现現]",
            r"不支持|不支援|不[纳納]入|排除(?:[范範項项]|$)",
            r"(?:未[来來]|后续|後續|[远遠]期)(?:的)?(?:[规規][划劃]|[扩擴][展充]|[计計][划畫劃]|展望|版本)",
            r"(?:未[来來]|后续|後續|[远遠]期)(?:的)?(?:功能|迭代|[优優]化|[发發]展|考[虑慮])",
            r"対象外|スコープ外|範囲外|非目標|非ゴール|しないこと|実装しない|対応しない|やらない|作らない",
            r"含(?:ま|め)ない|除外(?:事項|範囲|項目|機能)?$",
            r"将来(?:の|的|拡張|構想|対応|機能|検討|計画|展望)|今後の(?:拡張|展望|予定|機能|改善|対応|計画|検討)",
            r"後回し",
            r"범위 ?(?:외|밖|아님)|범위에서 제외|제외 ?(?:범위|사항|항목|기능|$)|비목표|비범위|하지 않|않을 것|미포함",
            r"미구현|미지원|포함되지",
            r"(?:향후|추후|차후|미래) ?(?:계획|개선|확장|과제|기능|추가|고려|로드맵|발전|개발|버전|작업)",
            r"вне (?:рамок|скоупа|объ[её]ма|области|scope|проекта|mvp)|не вход[ия]т|исключен|исключён|не[- ]цели",
            r"что не |за (?:рамками|пределами)|не реализ",
            r"(?:будущ\w+|дальнейш\w+|последующ\w+) (?:верси|развити|улучшен|функци)",
            r"(?:будущ\w+|дальнейш\w+|последующ\w+) (?:доработ|расширен|план|этап|возможност)",
            r"в будущем|отложен|планы на будущее",
        ),
    ),
    (
        "meta",
        (
            r"^(?:table of )?contents?$|^toc$|(?:revision|version|change|document|edit)(?: |-)?(?:history|log)",
            r"^changelog$|^change ?log$",
            r"document (?:information|info|control|details|metadata|conventions|purpose|status)|^approvals?\b",
            r"sign[- ]?off|^reviewers?$",
            r"^references?$|^(?:related|reference) (?:documents?|links?|reading)|^contacts?(?: information)?$",
            r"^authors?$|^licen[cs]e$|^acknowledg|^appendix(?:es)?$|^end of document",
            r"^sommaire$|table des matieres|historique (?:des|du)|^(?:tabla de contenido|indice|sumario|conteudo)\w*$",
            r"historial de (?:cambios|versiones|revisiones)|historico de (?:revis|vers|alter)",
            r"^inhalt(?:sverzeichnis)?$|anderungshistorie|versionshistorie|dokumenthistorie|^inhoud(?:sopgave)?$",
            r"^spis tresci|historia zmian|^icindekiler|^muc luc|^daftar isi|riwayat (?:revisi|perubahan)",
            r"lich su (?:thay doi|phien ban)",
        ),
        (
            r"^目[录錄次]$|(?:[变變]更|修[订訂]|版本|更新)(?:[记記][录錄]|[历歷]史|[履历歷])",
            r"文[档檔件](?:信息|資訊|说明|說明)|^附[录錄]$|[参參]考(?:[资資]料|文[献獻])",
            r"改訂履歴|変更履歴|更新履歴|文書(?:概要|情報)|^참고(?: ?자료| ?문서)?$|^목차$|변경 ?(?:이력|내역)",
            r"개정 ?이력|문서 ?(?:정보|이력)",
            r"^содержание$|^оглавление$|история (?:изменений|версий|документа)|^приложени[ея]$",
        ),
    ),
    (
        "nonfunctional",
        (
            r"non[- ]?functional|\bnfrs?\b|quality (?:attributes?|requirements?)|scalab|\breliability|maintainab",
            r"^availability$|availability (?:&|and|requirements|targets?)",
            r"^performance$",
            r"performance (?:requirements?|targets?|goals?|criteria|considerations?|optimi[sz]|benchmarks?|and|&)",
            r"(?:&|and) performance$",
            r"^security$|security (?:requirements?|considerations?|& |and |measures|features|architecture|model|best)",
            r"^accessibility|^compliance|^observability|service levels?\b|\bsl[ao]s?\b",
            r"non[- ]?fonctionnel|^securite$|no[- ]funcional|nao[- ]?funciona|n(?:icht|on)[- ]?funktional|^sicherheit$",
            r"non[- ]funzional|niet[- ]functionele|niefunkcjonaln|pozafunkcjonaln",
            r"fonksiyonel olmayan|islevsel olmayan|phi chuc nang|non[- ]?fungsional",
            r"^(?:rendimiento|desempenho|leistung|prestazioni|performans|hieu nang|kinerja)$|qualitatsanforderungen",
        ),
        (
            r"非機能|非功能|비기능|нефункц",
            r"^(?:性能|安全(?:性)?|セキュリティ|可用性|보안|성능)(?:要件|要求|需求|요구사항|設計|设计)?$",
            r"^безопасность$|^производительность$",
        ),
    ),
    (
        "questions",
        (
            r"open (?:questions?|issues?|points?|items?|topics?|decisions?)|unresolved",
            r"outstanding (?:questions?|issues?)|to be (?:decided|determined|clarified)|\btbd\b",
            r"questions? (?:ouvertes?|en suspens)|points? (?:ouverts?|a clarifier)",
            r"(?:preguntas|cuestiones|puntos) (?:abiert|pendient)",
            r"(?:questoes|perguntas|pontos) (?:em )?(?:abert|pendent)",
            r"offene (?:fragen|punkte)|(?:domande|questioni|punti) apert|open(?:staande)? vragen|acik sorular",
            r"otwarte pytania|pytania otwarte|cau hoi (?:mo|con)|van de (?:mo|con)|pertanyaan terbuka",
        ),
        (
            r"未決|未解決|未确定|未解决|待[定确確]|待[讨討]论|待解[决決]|未定事項|確認事項|要確認|미결|미해결|미정",
            r"열린 질문|논의 ?필요|확인 ?필요|открыты[ех] вопрос|нереш[её]нн",
        ),
    ),
    (
        "glossary",
        (
            r"glossa|glosar|glosario|definitions?$|^definitions?\b(?! of done)|terminolog|acronyms?|abbreviations?",
            r"abkurzungen|begriffe\b|definiciones|definicoes|definizioni|begrippen|slownik|terimler|thuat ngu|istilah",
        ),
        (r"用語|術語|术语|名[词詞]解[释釋]|용어|глоссарий|терминолог|термины",),
    ),
    (
        "risks",
        (
            (
                r"^(?:\w+ (?:and |& )?){0,4}risks?(?: (?:&|and|assessment|analysis|register|mitigation"
                r"|matrix|factors|log)\b)"
            ),
            r"^(?:\w+ (?:and |& )?){0,4}risks?(?:\W*$)",
            r"^risks\b|^risk$|mitigation",
            r"^risques?\b|^riesgos?\b|^riscos?\b|^risik(?:en|o)\b|^rischi\b|^risico'?s?\b|^ryzyk|^riskler|^rui ro\b",
            r"^risiko\b|risques? et|riesgos y|riscos e",
        ),
        (
            r"リスク(?!スコア|管理機能)|(?<!控)[风風][险險](?:[与與和及]|評估|评估|分析|$)|위험 ?(?:요소|요인|관리|$)",
            r"리스크|риск",
        ),
    ),
    (
        "tests",
        (
            r"^(?:\w+ ){0,2}testing\b|^tests?\b(?! (?:result|order|taking|creation|bank|module))",
            r"test (?:plan|strategy|cases?|scenarios?|coverage|types?|data)\b|quality assurance|^qa\b",
            r"^definition of done",
            r"(?:plan|strategie|estrategia|cas) de (?:test|prueba|teste)s?|^pruebas$|^testes$|testplan|teststrategie",
            r"testfalle|piano di test|kiem thu|pengujian|testy\b",
        ),
        (
            r"テスト(?:計画|戦略|方針|要件|項目|ケース|$)|[测測][试試](?:[计計]|策略|方案|用例|案例|$)",
            r"테스트 ?(?:계획|전략|케이스|시나리오|$)|검증 ?계획|тестирован|план тест",
        ),
    ),
    (
        "metrics",
        (
            r"success (?:metrics?|criteria|measures?|indicators?)|\bkpis?\b",
            r"^(?:key |business |technical |product |quality |performance |user )*metrics?\b|^okrs?\b|north star",
            r"measures? of success|acceptance metrics",
            r"metriques|indicateurs? (?:de|cles)|criteres de succes|metricas|indicadores",
            r"criterios de (?:exito|sucesso)|erfolgs(?:kriterien|metriken|messung)|kennzahlen|metriche",
            r"criteri di successo|succescriteria|metryki|kryteria sukcesu|basari (?:kriter|metrik|olcut)|chi so\b",
            r"tieu chi thanh cong|metrik\b|kriteria (?:keberhasilan|sukses)",
        ),
        (
            r"成功(?:指[标標]|基準|標準|标准|條件)",
            r"(?:[业業][务務]|技[术術]|衡量|[关關][键鍵]|效果|[质質]量|成果)指[标標]|評価指標|성공 ?(?:지표|기준)",
            r"핵심 ?지표|метрик|критери[ий] успех|показател",
        ),
    ),
    (
        "context",
        (
            r"^(?:project |product |business |market |problem )?background\b",
            r"^problem(?:s|atic)?(?: (?:statement|definition|description|space|overview|to solve))?$|^the problem$",
            r"^motivation|^vision\b|(?:product|project) vision|^mission\b",
            r"^competit|competitive|competitor|^market\b|market (?:analysis|research|opportunity|size)|^assumptions?\b",
            r"^constraints?\b|constraints? (?:&|and) assumptions?|^dependencies\b",
            r"^business (?:case|goals?|objectives?|model|value|context)|^value proposition|^executive summary$",
            (
                r"^(?:product |project |key |main |business |strategic |core )*"
                r"(?:goals?|objectives?)\b(?! (?:tracking|management|setting))"
            ),
            r"^purpose\b|^introduction\b|^stakeholders?\b|monetization|pricing (?:model|strategy)|go[- ]to[- ]market",
            r"^budget\b|^lessons",
            r"^contexte\b|^problematique|^objectifs?\b|^contexto\b|^antecedentes|^objetivos?\b|^problema\b|^justificat",
            r"^hintergrund|^ausgangslage|^problemstellung|^ziele?\b|^zielsetzung|^einleitung|^contesto|^obiettiv",
            r"^achtergrond|^doel(?:en|stelling)|^kontekst|^cele?\b|^amac\b|^hedefler|^arka plan|^boi canh|^muc tieu",
            r"^latar belakang|^tujuan",
        ),
        (
            r"背景|^(?:产品|項目|项目|產品)?(?:目[标標]|愿景|願景|定位|概述)(?:[与與和]|$)|痛[点點]|[竞競]品",
            r"[竞競][争爭]|市[场場]分析|前提(?:条件)?$|制約(?:条件)?$|課題(?:と|$)|^目的$|^ビジョン|提供価値|[约約]束",
            r"^배경|개발 ?배경|문제 ?정의|^(?:핵심 ?)?목표$|^목적|경쟁|시장 ?분석|제약 ?(?:사항|조건)|^가정|^비전",
            r"^(?:цел[ьи]|предыстория|контекст|проблем|обоснован)",
            r"^(?:конкурент|назначение|введение|ограничени|допущени)",
            r"анализ рынка",
        ),
    ),
    (
        "stack",
        (
            r"tech(?:nology|nical|nologies)? ?stack|^technolog(?:y|ies)(?: (?:used|choices|stack|selection))?$",
            r"^tools? (?:&|and) technolog|stack (?:technique|tecnologico|tecnologica|tecnologica|technologiczny)",
            r"\bstack$",
            r"architecture technique|^technologies\b|tecnologias|tecnologie|technologien|technologiestack",
            r"technologieen|technologie$|teknoloji(?:ler| yigini)?|technologia|cong nghe|teknologi",
        ),
        (
            r"技術スタック|技術選定|使用技術|技[术術][栈棧]|技[术術][选選][型擇]|기술 ?(?:스택|결정)|스택 ?요약|стек",
            r"технологии",
        ),
    ),
    (
        "plan",
        (
            r"milestones?|^(?:implementation |development |delivery |project |rollout )?phases?\b|\bphase \d|roadmap",
            r"timeline|\bsprints?\b(?! (?:management|board|planning))",
            r"(?:development|implementation|delivery|release) (?:plan|schedule|phases)",
            r"(?:project|rollout|launch|migration|execution) (?:plan|schedule|phases)",
            r"^planning\b|^schedule$|^next steps",
            r"\bjalons\b|calendrier (?:de|du|previsionnel)|feuille de route|cronogram|hoja de ruta|hitos",
            r"plan de (?:desarroll|implement|travail|developpement|trabajo)|plano de (?:desenvolv|implement)",
            r"marcos do projeto|meilenstein|zeitplan|projektplan|umsetzungsplan|tabella di marcia|cronoprogramma",
            r"mijlpal|planning\b|kamien|harmonogram|yol haritasi|kilometre tas|zaman cizelgesi|lo trinh|ke hoach",
            r"cot moc|tahapan|jadwal|linimasa|peta jalan",
        ),
        (
            r"マイルストーン|ロードマップ|スケジュール(?:$|案)|開発計画|フェーズ ?[\d１-９一二三]|里程碑",
            r"路[线線][图圖]|(?:[开開][发發]|[实實]施|[项項]目|上[线線]|迭代)[计計][划畫劃]",
            r"第[一二三四五\d]+(?:[阶階]段|期)|排期",
            r"마일스톤|로드맵|(?:개발|구현|추진) ?(?:일정|계획|단계)|^일정$|дорожная карта|этап[ыа]? |этапы",
            r"план (?:разработки|работ|реализации|внедрения)|сроки|спринт|вехи",
        ),
    ),
    (
        "states",
        (
            r"\bstates\b",
            (
                r"\bstatus(?:es)?"
                r"(?: (?:codes?|flow|values?|transitions?|model|diagram|definitions?"
                r"|lifecycle|list|workflow|machine|registry))?$"
            ),
            r"^status (?:flow|transitions?|values?|definitions?|model|machine|registry)|\w+ lifecycle$|^lifecycle",
            r"life cycle|state (?:machines?|diagrams?|transitions?|model)|\btransitions?\b",
            r"\bstatuts?\b|cycle de vie|machine a etats|\bestados\b|ciclo de vi[dt]a|maquina de estados|zustande\b",
            r"statusmodell|statusubergange|zustandsubergange|lebenszyklus|stati\b|\bstatussen\b|stany\b|cykl zycia",
            r"durumlar|durum gecis|trang thai\b|siklus hidup",
        ),
        (
            r"状態(?:遷移|一覧|管理|$)|ステータス|[状狀][态態](?:流[转轉]|机|機|[转轉][换換]|定[义義]|[图圖]|$)",
            r"상태 ?(?:전이|흐름|정의|다이어그램|머신|$)|статус|состояни[яй]|жизненный цикл",
        ),
    ),
    (
        "data",
        (
            r"data ?(?:models?|architecture|structures?|schemas?|entities|objects?)\b",
            r"data ?(?:design|requirements?|dictionary|tables?|storage|layer)\b",
            r"\bdatabases?\b|\bschemas?\b|domain (?:models?|objects?|entities)",
            r"\bentit(?:y|ies|es|ites|i|a)\b|\ber[- ](?:model|diagram)|\berd\b|^(?:\w+ ){0,2}tables?$|^tables\b",
            r"^(?:core |key |main |the |data )?models\b|(?:key|core|main|domain) (?:objects|entities|concepts)",
            r"(?:mongo\w*|firestore|db)? ?collections\b(?: (?:&|and|schema)|$)|^(?:core |key |the )?data$",
            r"^db (?:schema|design|model)",
            r"modeles? (?:de|des) donnees|modele (?:conceptuel|logique|physique)|base de donnees",
            r"schema de (?:la )?base|modelos? de dados|modelagem|banco de dados|modelos? de datos|base(?:s)? de datos",
            r"entidades?\b|esquema de|datenmodell|datenbank|entitaten|tabellen\b|datenstruktur",
            r"modell[oi] (?:dei )?dati|modell[oi] di dati|base dati|entita\b|gegevensmodel|datamodel|entiteiten",
            r"model danych|baza danych|encje|veri ?(?:tabani|modeli|yapisi)|varliklar|mo hinh (?:du lieu|csdl)",
            r"co so du lieu|csdl|thuc the|bang du lieu|model data|basis data|skema (?:basis )?data|entitas",
            r"struktur data",
        ),
        (
            r"データ(?:モデル|ベース|構造|設計|項目|定義|要件)|テーブル|エンティティ|ER図|DB設計",
            r"数据(?:模型|[库庫]|[结結]构|表|[实實]体|[设設][计計]|需求|字典)",
            r"[资資]料(?:模型|[库庫]|[结結][构構]|表|[实實][体體])|數據|[实實][体體]|E-?R[图圖]",
            r"데이터 ?(?:모델|베이스|구조|설계|스키마|요구사항)|엔티티|엔터티|테이블|DB ?(?:설계|스키마)",
            r"модел[ьи] данных|сущност|баз[аы] данных|структура данных|схема (?:бд|данных|базы)",
        ),
    ),
    (
        "events",
        (
            r"^(?:domain |system |integration |published |event |key |business )*events$",
            r"^(?:domain|integration|system|published) events?\b",
            r"event (?:catalog|types?|flows?|schemas?|contracts?|bus|driven|definitions?|list)|^messaging\b",
            r"message (?:topics?|queues?|contracts?)|\btopics?\b (?:&|and|list)|^(?:kafka )?topics$",
            r"async(?:hronous)? (?:communication|messag|events)|events? (?:&|and) (?:messag|queues?|topics?|webhooks?)",
            r"^evenements?\b|^eventos?$|eventos de (?:dominio|sistema|integra)|^ereignisse|^eventi$|^gebeurtenissen",
            r"^zdarzenia|^olaylar$|^su kien$|^event\b",
        ),
        (
            r"^(?:ドメイン)?イベント(?:一覧|定義|設計|駆動)?$|イベント駆動|事件(?:列表|定[义義]|流|[驱驅][动動]|$)",
            r"メッセージング|(?:도메인 )?이벤트(?: ?(?:목록|정의)|$)|^события|события (?:домена|системы)",
        ),
    ),
    (
        "api",
        (
            r"\bapis\b|\bapi\b(?! (?:gateway|keys? management|client|costs?|limits?|platform|server$|service$))",
            r"endpoints?\b|^(?:\w+ ){0,2}routes\b|^routes?$|\brest(?:ful)?\b(?! (?:area|day|room|period|time|of))",
            r"schnittstellen?\b|points? d'entree|puntos de acceso|interfaces? de programma|giao dien lap trinh",
            r"uc noktalar|punkty koncowe|graphql (?:schema|queries|operations)",
        ),
        (
            r"エンドポイント|[接]口(?:[设設][计計]|列表|定[义義]|文[档檔]|[规規]范|清[单單]|$)|API|엔드포인트|эндпоинт",
            r"эндпойнт|(?:интерфейс|методы) api",
        ),
    ),
    (
        "services",
        (
            r"micro-?services?\b",
            (
                r"^(?:the |core |backend |system |main |key |service )?services?"
                r"(?: (?:overview|list|catalog|breakdown|descriptions?|responsibilities|architecture"
                r"|definitions?|details|inventory))?$"
            ),
            r"\bdeployables?\b|^(?:\w+ ){0,2}services$|^services\b(?! (?:offered|we offer|marketplace|booking))",
            r"service (?:decomposition|boundaries|breakdown|catalog|map)",
            r"^(?:les )?services\b|microservicios|microsservicos|servicios$|servicos$|mikroservices|^dienste$",
            r"mikrodienste|microservizi|^servizi$|mikroserwis|^uslugi$|mikroservis|^servisler|vi dich vu|cac dich vu",
            r"layanan mikro",
        ),
        (
            r"マイクロサービス|サービス(?:一覧|構成|分割)|微服[务務]|服[务務](?:列表|拆分|划分|劃分|清[单單])",
            r"마이크로 ?서비스|서비스 ?(?:목록|구성|분리)|микросервис|^сервисы|состав сервисов",
        ),
    ),
    (
        "roles",
        (
            r"\broles?\b|\bactors?\b|\bpersonas?\b|\bpermissions?\b|user types?",
            r"(?:target|intended|primary) (?:users?|audience|customers?)",
            r"^(?:user|customer) (?:profiles|segments|groups|classes)|access (?:control|matrix|rights|levels)|\brbac\b",
            r"acteurs|utilisateurs? (?:cibles?|et roles)|profils? utilisateurs?|\bperfis\b|papeis|atores",
            r"usuarios? (?:objetivo|alvo|y roles|e perfis)|tipos de usuario|publico[- ](?:alvo|objetivo)|permisos",
            r"permissoes|benutzerrollen|rollen\b|zielgruppen?|berechtigungen|akteure|ruoli|utenti (?:target|e ruoli)",
            r"attori|permessi|gebruikersrollen|doelgroep|role uzytkownik|uzytkownicy|uprawnienia",
            r"kullanici (?:rol|tip|tur)|roller|hedef kitle|yetki|vai tro|phan quyen|nguoi dung (?:muc tieu|va)",
            r"doi tuong (?:su dung|nguoi dung)|peran\b|pengguna (?:target|dan)|target pengguna|hak akses|aktor",
        ),
        (
            r"ユーザー(?:種別|ロール|区分|タイプ|像)|ターゲット(?:ユーザー|層)|権限|ロール|アクター|ペルソナ|角色",
            r"[权權]限|目[标標]用[户戶]|用[户戶](?:画像|畫像|[类類]型|角色)",
            r"사용자 ?(?:유형|역할|그룹|와 역할|페르소나)|역할|권한|대상 ?사용자|타겟 ?(?:사용자|유저)|페르소나|роли",
            r"роль|права доступа|целевая аудитория|персон[аы]|акт[её]ры",
        ),
    ),
    (
        "ui",
        (
            r"\bui\b|\bux\b|^(?:\w+ ){0,3}screens?\b|wireframes?|mock-?ups?\b|^(?:\w+ ){0,2}pages\b|front[- ]?end\b",
            r"design (?:guidelines|system|principles|language)|user interface|navigation (?:structure|flow|menu)",
            r"^site ?map|^branding|visual design|look and feel|color palette|typography",
            r"\becrans?\b|maquettes|interface utilisateur|charte graphique|pantallas|interfaz de usuario|\btelas\b",
            r"interface do usuario|bildschirm|benutzeroberflache|oberflachendesign|interfaccia utente|schermate",
            r"schermen|gebruikersinterface|ekrany|interfejs uzytkownika|ekranlar|kullanici arayuzu|giao dien|man hinh",
            r"antarmuka|halaman\b|tampilan",
        ),
        (
            r"画面|(?<!設)デザイン|UI|UX|界面|[页頁]面|[视視][觉覺]|原型|화면|와이어프레임|디자인|페이지 ?구조",
            r"프론트엔드|экран|интерфейс пользователя|пользовательский интерфейс|дизайн|макет",
        ),
    ),
    (
        "requirements",
        (
            r"requirements?\b|features?\b|functional|functions\b|user stor|\bstories\b|use[- ]cases?|capabilit",
            r"acceptance|business (?:rules|logic)|user (?:flows?|journeys?|scenarios?)|functionality|\bmodules?\b",
            r"deliverables|\bepics?\b|\bscope\b",
            r"exigences?|fonctionnalites?|fonctionnel|regles (?:metier|de gestion)|cas d'utilisation",
            r"recits? utilisateurs?|criteres d'acceptation|perimetre|requisitos?|requerimientos?|funcionalidad",
            r"funcional|funciones|caracteristicas|historias? de usuario|casos? de uso|criterios de acept",
            r"reglas de negocio|alcance|recursos\b|historias? de usuario|regras de negocio|criterios de aceit|escopo",
            r"modulos?\b",
            r"anforderung|funktion|merkmale|benutzergeschichten|anwendungsfalle|akzeptanzkriterien|geschaftsregeln",
            r"umfang\b|requisiti|funzional|casi d'uso|storie utente|criteri di accettazione|vereisten|eisen\b",
            r"functionaliteit|wymagan|funkcj|funkcjonaln|historyjki|przypadki uzycia|gereksinim|ozellik",
            r"kullanici hikaye|yeu cau|tinh nang|chuc nang|cau chuyen nguoi dung|pham vi|nghiep vu|kebutuhan",
            r"persyaratan|fitur|fungsi|cerita pengguna|ruang lingkup",
        ),
        (
            r"機能|要件|ユースケース|ユーザーストーリー|受け?入れ?(?:条件|基準)|業務ルール|功能|需求|要求|用例",
            r"用[户戶]故事|[验驗]收[标標][准準]|[业業][务務][规規][则則]|模[块塊]|기능|요구 ?사항|유스 ?케이스",
            r"사용자 ?스토리|인수 ?조건|비즈니스 ?규칙",
            r"функци|требован|пользовательски[ех] (?:истори|сценари)|сценари|критери[ий] при[её]мки|бизнес-правил",
            r"возможност|модул",
        ),
    ),
)

KINDS = tuple(kind for kind, _, _ in _TABLE)
"""The kinds of sections in their precedence."""

_DASHES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "ı": "i", "’": "'"})
# "In scope / out of scope" and "Goals and non-goals" list both, and their bullets say which.
_BOTH = re.compile(
    r"\bin[- ]scope\b.{0,20}\bout|\bscope\b.{0,10}\b(?:and|&|/) (?:non[- ]?goals|exclu|out)"
    r"|\bgoals?\b.{0,6}(?:and|&|/|,|\+).{0,4}\bnon[- ]?goals"
    r"|\bobjecti[fv]\w*\b.{0,6}(?:and|et|&|/|y|e).{0,4}\bnon[- ]?objecti"
    r"|\bziele\b.{0,6}(?:und|&|/).{0,4}nicht|\binclu\w+\b.{0,8}(?:and|et|y|e|und|&|/).{0,4}exclu"
)
_BOTH_OTHER = re.compile(
    r"(?:目標|ゴール|目标).{0,3}(?:と|・|与|/|／).{0,2}非(?:目標|ゴール|目标)|範囲内?.{0,3}(?:と|・|/|／)(?:対象外|範囲外)"
)


@cache
def _latin() -> tuple[tuple[str, re.Pattern[str]], ...]:
    # Compiled at the first use: importing the package must not pay for it.
    return tuple((kind, re.compile("|".join(latin))) for kind, latin, _ in _TABLE)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    # Only documents in such scripts pay for the others.
    others = (re.compile("|".join(other), re.IGNORECASE) for _, _, other in _TABLE)
    return tuple((kind, latin, other) for (kind, latin), other in zip(_latin(), others, strict=True))


@lru_cache(maxsize=8192)
def kind_of(title: str) -> str:
    """Return what a section of this title is about (one of `KINDS`), or an empty string."""
    title = title[:300].translate(_DASHES)
    folded = fold(title).strip()
    if _BOTH.search(folded):
        return ""
    if title.isascii():
        return next((kind for kind, latin in _latin() if latin.search(folded)), "")
    if _BOTH_OTHER.search(title):
        return ""
    return next((kind for kind, latin, other in _patterns() if latin.search(folded) or other.search(title)), "")
