// words.js: all that the page says, in its languages. {0}, {1}, … are filled in. Start at word().

const WORDS = {
  en: {
    other: 'العربية', otherCode: 'ar', direction: 'ltr',
    skip: 'Skip to the content', title: 'Inside', dark: 'Dark', light: 'Light',
    about: '{0}; {1} steps.', aboutPart: '{0}; the first {1} of {2} tokens are shown.',
    controls: 'Time, unit and colours', back: 'One step back', forward: 'One step forward', step: 'Step',
    play: 'Play', pause: 'Pause', layer: 'Layer', unit: 'Unit', tint: 'Colour the text by',
    now: 'Step {0} of {1}: read {2}', stepValue: 'step {0} of {1}, read {2}',
    status: 'Step {0}, read {1}. Unit {2}: {3}. Likeliest next: {4}.',
    text: 'The text', start: 'before the text',
    tintLine: '{0} of unit {1}', tintLedger: 'what unit {1} still holds of it', tintGradient: 'gradient of the loss at the cursor',
    tintSurprise: 'surprise in bits',
    saysLine: 'Each letter has the colour of {0} of unit {1} after reading it. Click a letter to go there.',
    saysLedger: 'What is on the belt {0} of unit {1} now, by the letter that put it there.',
    saysGradient: 'How strongly the loss at the cursor reaches back to each letter ({0}, logarithmic).',
    saysSurprise: 'How little the model expected each letter: −log₂ of its probability.',
    keyLow: 'lowest', keyHigh: 'highest',
    diagram: 'The cell, unrolled', diagramSays: 'The lines carry the numbers of the chosen unit: in the middle at the step under the cursor, at its sides one step before and after. Click a node, or reach it by Tab and press Enter, to see its equation with the numbers put in.',
    diagramScroll: 'Diagram of the cell, can be scrolled', diagramName: 'Cell {0}, step {1} of {2}. The equations: {3}',
    kinds: { input: 'input', previous: 'from the step before', next: 'to the next step', output: 'output', layer: 'layer', op: 'unit by unit', vector: 'over the units', constant: 'number' },
    partTitle: '{0} at step {1}, unit {2}', partOf: 'part of {0}', line: 'line {0} of the cell',
    nodeName: '{0} ({1}), {2}', noNumber: 'no number for this unit',
    previousSays: '{0} is what the step before left: {1}.', startSays: '{0} is what the cell starts from: {1}.',
    inputSays: 'The input is the token {0}.',
    strip: '{0}, all {1} units at step {2}: from {3} to {4}; unit {5}: {6}', stripHint: 'All units of {0} at this step; the mark is unit {1}. Click to choose another.',
    numbers: 'Unit {0} at step {1}', lineHead: 'line', nowHead: 'now', beforeHead: 'step before',
    predictions: 'What comes next', predictionsSay: 'Likeliest tokens after step {0}. The text goes on with {1}.', predictionsEnd: 'Likeliest tokens after the last step.',
    token: 'token', probability: 'probability', share: 'share', actual: 'in the text', rank: 'rank {0}',
    ledger: 'The ledger', belt: 'Belt',
    ledgerSays: '{0} = {1} ⊙ {0}[t-1] + {2}: how much of what each step put there is left in unit {3}. The largest entries:',
    noBelt: 'No state of this layer is carried on by a gate, so there is no account to give.',
    putHead: 'put', keptHead: 'kept', leftHead: 'left', stepHead: 'step', rest: 'all other steps', startRow: 'start', sum: 'sum', isValue: '{0} itself',
    maps: 'Gates over the text', mapsSay: 'A row is a unit, a column a step. Click to go there; the arrow keys up and down choose the unit above and below.',
    order: 'Order of the units', byNumber: 'number', byHorizon: 'memory horizon of {0}, longest on top', bySaturation: 'saturation of {0}, most on top',
    allLines: 'show all lines', mapName: 'Heat map of {0}: {1} units, {2} steps. Unit {3} at step {4}: {5}.', mapCaption: 'unit {0}: {1}',
    mapHorizon: 'horizon {0} steps', mapShut: 'shut {0} %, open {1} %', forever: 'endless',
    gradient: 'How far back the loss is felt', gradientSays: 'Norm of the gradient of the loss with respect to each state, by lag: the mean over the text, and as a heavy line for the loss at the cursor. Along the belt: the part that passes through the forget gate alone.',
    gradientName: 'Gradient by lag', lagHead: 'lag', atCursor: 'Loss at step {0}', noLoss: 'The last token predicts nothing that is known.', noGradient: 'A text of one token, or a model without a state, has no gradient through time.', alongHead: '{0}, belt', nothing: '< 10^{0}',
    help: 'Keys and colours',
    keys: ['← → one step (in the direction of the text), Home and End first and last', 'Space one step on, Shift+Space one back', '↑ ↓ the unit above or below in the order of the heat maps', 'Tab to all nodes and choices, Enter to open a node; Shift with ← → moves the diagram while it has the focus'],
    colours: 'Colour-blind safe: signed numbers run from blue over the ground to red (ColorBrewer RdBu), gates along magma (dark to bright by lightness alone), curves in the colours of Okabe and Ito.',
    honest: 'Lines of the cell are the numbers of the run. Parts without a name are worked out from them by the reference evaluation; those shown with three digits are rounded.',
  },
  ar: {
    other: 'English', otherCode: 'en', direction: 'rtl',
    skip: 'إلى المحتوى', title: 'ما يجري داخل', dark: 'داكن', light: 'فاتح',
    about: '{0}؛ عدد الخطوات {1}.', aboutPart: '{0}؛ تُعرض أول {1} من {2} رمزًا.',
    controls: 'الزمن والوحدة والألوان', back: 'خطوة إلى الوراء', forward: 'خطوة إلى الأمام', step: 'الخطوة',
    play: 'تشغيل', pause: 'إيقاف', layer: 'الطبقة', unit: 'الوحدة', tint: 'لوِّن النص بحسب',
    now: 'الخطوة {0} من {1}: قُرئ {2}', stepValue: 'الخطوة {0} من {1}، قُرئ {2}',
    status: 'الخطوة {0}، قُرئ {1}. الوحدة {2}: {3}. الأرجح بعدها: {4}.',
    text: 'النص', start: 'قبل النص',
    tintLine: '{0} في الوحدة {1}', tintLedger: 'ما بقي منه في الوحدة {1}', tintGradient: 'تدرّج الخسارة عند المؤشّر',
    tintSurprise: 'المفاجأة بالبِت',
    saysLine: 'لون كل حرف هو قيمة {0} في الوحدة {1} بعد قراءته. انقر حرفًا لتنتقل إليه.',
    saysLedger: 'ما على الحزام {0} في الوحدة {1} الآن، بحسب الحرف الذي وضعه هناك.',
    saysGradient: 'شدّة وصول الخسارة عند المؤشّر إلى كل حرف قبله ({0}، مقياس لوغاريتمي).',
    saysSurprise: 'كم كان كل حرف بعيدًا عن توقّع النموذج: ‎−log₂‎ لاحتماله.',
    keyLow: 'الأدنى', keyHigh: 'الأعلى',
    diagram: 'الخلية مبسوطة عبر الزمن', diagramSays: 'تحمل الخطوط أعداد الوحدة المختارة: في الوسط عند الخطوة التي تحت المؤشّر، وعلى الجانبين قبلها بخطوة وبعدها بخطوة. انقر عقدة، أو صِل إليها بالمفتاح Tab ثم اضغط Enter، لترى معادلتها بأعدادها.',
    diagramScroll: 'مخطّط الخلية، يمكن تمريره', diagramName: 'الخلية {0}، الخطوة {1} من {2}. المعادلات: {3}',
    kinds: { input: 'مُدخَل', previous: 'من الخطوة السابقة', next: 'إلى الخطوة التالية', output: 'خرج', layer: 'طبقة', op: 'عنصرًا عنصرًا', vector: 'على الوحدات معًا', constant: 'عدد' },
    partTitle: '{0} عند الخطوة {1}، الوحدة {2}', partOf: 'جزء من {0}', line: 'السطر {0} من الخلية',
    nodeName: '{0} ({1})، {2}', noNumber: 'لا عدد لهذه الوحدة',
    previousSays: '{0} هو ما تركته الخطوة السابقة: {1}.', startSays: '{0} هو ما تبدأ منه الخلية: {1}.',
    inputSays: 'المُدخَل هو الرمز {0}.',
    strip: '{0}، كل الوحدات وعددها {1} عند الخطوة {2}: من {3} إلى {4}؛ الوحدة {5}: {6}', stripHint: 'كل وحدات {0} عند هذه الخطوة، والعلامة على الوحدة {1}. انقر لتختار غيرها.',
    numbers: 'الوحدة {0} عند الخطوة {1}', lineHead: 'السطر', nowHead: 'الآن', beforeHead: 'قبل خطوة',
    predictions: 'ما المتوقّع بعد هذا', predictionsSay: 'أرجح الرموز بعد الخطوة {0}. والذي يلي في النص {1}.', predictionsEnd: 'أرجح الرموز بعد الخطوة الأخيرة.',
    token: 'الرمز', probability: 'الاحتمال', share: 'النسبة', actual: 'في النص', rank: 'الرتبة {0}',
    ledger: 'دفتر الحساب', belt: 'الحزام',
    ledgerSays: '{0} = {1} ⊙ {0}[t-1] + {2}: كم بقي في الوحدة {3} مما وضعته كل خطوة. أكبر القيود:',
    noBelt: 'ليس في هذه الطبقة حالةٌ تنقلها بوابة، فلا حساب يُعرض.',
    putHead: 'وُضع', keptHead: 'حُفظ منه', leftHead: 'الباقي', stepHead: 'الخطوة', rest: 'سائر الخطوات', startRow: 'البداية', sum: 'المجموع', isValue: '{0} نفسها',
    maps: 'البوابات على امتداد النص', mapsSay: 'الصفّ وحدة والعمود خطوة. انقر لتنتقل إلى هناك، وبسهمَي الأعلى والأسفل تُختار الوحدة التي فوق أو تحت.',
    order: 'ترتيب الوحدات', byNumber: 'الرقم', byHorizon: 'مدى ذاكرة {0}، الأطول في الأعلى', bySaturation: 'تشبّع {0}، الأكثر في الأعلى',
    allLines: 'اعرض كل الأسطر', mapName: 'خريطة حرارية للسطر {0}: الوحدات {1}، الخطوات {2}. الوحدة {3} عند الخطوة {4}: {5}.', mapCaption: 'الوحدة {0}: {1}',
    mapHorizon: 'المدى {0} خطوة', mapShut: 'مغلقة {0} %، مفتوحة {1} %', forever: 'بلا نهاية',
    gradient: 'إلى أي مدى تُحسّ الخسارة', gradientSays: 'معيار تدرّج الخسارة بالنسبة إلى كل حالة بحسب عدد الخطوات إلى الوراء: المتوسط على النص، وبخطّ غليظ للخسارة عند المؤشّر. وعلى الحزام وحده: الجزء الذي يمرّ ببوابة النسيان وحدها.',
    gradientName: 'التدرّج بحسب البعد', lagHead: 'البعد', atCursor: 'الخسارة عند الخطوة {0}', noLoss: 'الرمز الأخير لا يُعرف ما بعده.', noGradient: 'نصٌّ من رمز واحد، أو نموذجٌ بلا حالة، لا تدرّج له عبر الزمن.', alongHead: '{0}، الحزام', nothing: '< 10^{0}',
    help: 'المفاتيح والألوان',
    keys: ['← → خطوة (في اتجاه النص)، وHome وEnd إلى الأولى والأخيرة', 'Space خطوة إلى الأمام، وShift+Space خطوة إلى الوراء', '↑ ↓ الوحدة التي فوق أو تحت بترتيب الخرائط', 'Tab إلى العقد والخيارات كلها، وEnter لفتح عقدة؛ وShift مع ← → يحرّك المخطّط حين يكون التركيز عليه'],
    colours: 'ألوان يميّزها من لا يفرّق بين الأحمر والأخضر: الأعداد الموجبة والسالبة من الأزرق إلى الأحمر (ColorBrewer RdBu)، والبوابات على سلّم magma (بالإضاءة وحدها)، والمنحنيات بألوان Okabe وIto.',
    honest: 'أسطر الخلية هي أعداد التشغيل نفسها. أما الأجزاء التي لا اسم لها فتُحسب منها بالتقويم المرجعي، وما عُرض منها بثلاثة أرقام فهو مقرَّب.',
  },
};

function word(key, ...values) {
  const text = WORDS[view.language][key];
  return text.replace(/\{(\d)\}/g, (_, i) => values[+i]);
}

/// HTML that keeps a piece of text or a formula in its own direction.
function apart(text, direction = 'auto') {
  return `<bdi dir="${direction}">${escaped(text)}</bdi>`;
}

function escaped(text) {
  return String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[c]));
}

/// A token as one can see it: blanks as signs, a mark on a dotted ring.
function visible(piece) {
  const signs = piece.replace(/ /g, '␣').replace(/\n/g, '⏎').replace(/\t/g, '⇥');
  return /^\p{M}/u.test(signs) ? '◌' + signs : signs;
}

function quoted(piece) { return '‘' + visible(piece) + '’'; }
