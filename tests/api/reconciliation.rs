//! Reconciliation: daily bills, what does not fit, days that meet at midnight, and how it is settled.

mod alipay;
mod days;
mod epay;
mod hostile;
mod many;
mod resolving;
mod transfers;
mod wechat_pay;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::{Client, Merchant, Order, World};

const IMPORT: &str = "mutation($input: ReconciliationImportInput!) { \
    reconciliationImport(input: $input) { \
        run { id day format rows matched differences carried balanced message importedBy \
            channel { id } items(first: 100) { edges { node { id kind reference providerTradeNo \
                expected { amount } received { amount } detail carried order { id } \
                refund { id } run { id } resolution } } } } \
        userErrors { code field message } } }";

/// The day of the tests' noon, and the one after.
const MONDAY: &str = "2026-11-23";
const TUESDAY: &str = "2026-11-24";

/// A bill as a platform would write it.
#[derive(Clone, Default)]
struct Bill(Vec<Row>);

#[derive(Clone)]
struct Row {
    time: String,
    trade_no: String,
    order_no: String,
    refund_no: Option<String>,
    amount: Decimal,
    fee: Decimal,
}

fn amount(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

impl Bill {
    /// One more payment, at a time of the bill's day.
    fn paid(mut self, time: &str, numbers: (&str, &str), paid: &str, fee: &str) -> Self {
        self.0.push(Row {
            time: time.to_owned(),
            order_no: numbers.0.to_owned(),
            trade_no: numbers.1.to_owned(),
            refund_no: None,
            amount: amount(paid),
            fee: amount(fee),
        });
        self
    }

    /// One more refund of such a payment.
    fn refunded(mut self, numbers: (&str, &str, &str), paid: &str, fee: &str) -> Self {
        self.0.push(Row {
            time: "14:00:00".to_owned(),
            order_no: numbers.0.to_owned(),
            trade_no: numbers.1.to_owned(),
            refund_no: Some(numbers.2.to_owned()),
            amount: amount(paid),
            fee: amount(fee),
        });
        self
    }

    fn sum(&self, of: impl Fn(&Row) -> Decimal) -> Decimal {
        self.0.iter().map(of).sum()
    }

    /// The bill of WeChat Pay.
    fn wechat_pay(&self, day: &str) -> String {
        let mut text = String::from(
            "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,\
             付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,\
             退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n",
        );
        for row in &self.0 {
            let (time, trade, order, fee) = (&row.time, &row.trade_no, &row.order_no, row.fee);
            let amount = row.amount;
            let (state, paid, back, no, kind, fee) = match &row.refund_no {
                None => ("SUCCESS", amount, Decimal::ZERO, "0", "`,`", fee),
                Some(no) => (
                    "REFUND",
                    Decimal::ZERO,
                    amount,
                    no.as_str(),
                    "`ORIGINAL,`SUCCESS",
                    -fee,
                ),
            };
            text += &format!(
                "`{day} {time},`wx0e25d797adcdc399,`1900000109,`0,`,`{trade},`{order},`oUpF8,`NATIVE,\
                 `{state},`OTHERS,`CNY,`{paid},`0.00,`0,`{no},`{back},`0.00,{kind},`宫保鸡丁, 米饭,`,\
                 `{fee:.5},`0.60%,`{paid},`{back},`\r\n"
            );
        }
        let paid = self.sum(|row| match row.refund_no {
            None => row.amount,
            Some(_) => Decimal::ZERO,
        });
        let back = self.sum(|row| row.amount) - paid;
        let fee = self.sum(|row| match row.refund_no {
            None => row.fee,
            Some(_) => -row.fee,
        });
        let count = self.0.len();
        text += "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n";
        text += &format!("`{count},`{paid},`{back},`0.00,`{fee:.5},`{paid},`{back}\r\n");
        text
    }

    /// The bill of Alipay.
    fn alipay(&self, day: &str) -> String {
        let date: chrono::NaiveDate = day.parse().expect("a day");
        let next = date.succ_opt().expect("a day").format("%Y年%m月%d日");
        let date = date.format("%Y年%m月%d日");
        let mut text = format!(
            "#支付宝业务明细查询\n#账号：[20880211096256330156]\n\
             #起始日期：[{date} 00:00:00]   终止日期：[{next} 00:00:00]\n\
             #-----------------------------------------业务明细列表----------------------------------------\n\
             支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,\
             订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,\
             券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\n"
        );
        let (mut paid, mut back) = ((0, Decimal::ZERO), (0, Decimal::ZERO));
        for row in &self.0 {
            let (time, trade, order) = (&row.time, &row.trade_no, &row.order_no);
            let refund = row.refund_no.as_deref().unwrap_or_default();
            let (kind, amount, fee, sum) = match row.refund_no {
                None => ("交易", row.amount, -row.fee, &mut paid),
                Some(_) => ("退款", -row.amount, row.fee, &mut back),
            };
            *sum = (sum.0 + 1, sum.1 + amount);
            text += &format!(
                "{trade}\t,{order}\t,{kind}\t,宫保鸡丁,{day} {time},{day} {time},\t,\t,\t,\t,*庚辰(182****01)\t,\
                 {amount},{amount},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,{refund}\t,{fee},0.00,\n"
            );
        }
        text += &format!(
            "#-----------------------------------------业务明细列表结束------------------------------------\n\
             #交易合计：{}笔，商家实收共{}元，商家优惠共0.00元\n\
             #退款合计：{}笔，商家实收退款共{}元，商家优惠退款共0.00元\n\
             #导出时间：[2026年11月24日 05:46:49]\n",
            paid.0, paid.1, back.0, back.1
        );
        text
    }
}

impl Order {
    /// Our number, and the platform's.
    async fn numbers(&self) -> (String, String) {
        let seen = self.read("providerTradeNo").await;
        let trade_no = seen["providerTradeNo"].as_str().unwrap_or_default();
        (self.order_no.clone(), trade_no.to_owned())
    }
}

impl Bill {
    /// One more payment, of an order here, as it is here.
    async fn order(self, order: &Order, time: &str, paid: &str, fee: &str) -> Self {
        let (order_no, trade_no) = order.numbers().await;
        self.paid(time, (&order_no, &trade_no), paid, fee)
    }
}

/// What somebody is told who imports a bill.
async fn imported(by: &Client, merchant: &Merchant, format: &str, day: &str, bill: Value) -> Value {
    let input = json!({
        "channelId": merchant.channel_id.to_string(), "format": format, "day": day, "bill": bill,
    });
    let answer = by.data(IMPORT, json!({ "input": input })).await;
    answer["reconciliationImport"].clone()
}

/// The run of a bill of WeChat Pay that the owner imports.
async fn run_of(merchant: &Merchant, day: &str, bill: &Bill) -> Value {
    let text = json!({ "text": bill.wechat_pay(day) });
    let owner = merchant.owner().await;
    let payload = imported(&owner, merchant, "WECHAT_PAY", day, text).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload["run"].clone()
}

/// What a run found first, sorted by kind: kind, platform's number, expected and received amount.
fn items(run: &Value) -> Vec<[String; 4]> {
    let edges = run["items"]["edges"].as_array().expect("edges").iter();
    let mut items: Vec<_> = edges
        .map(|edge| {
            let node = &edge["node"];
            [
                &node["kind"],
                &node["providerTradeNo"],
                &node["expected"]["amount"],
                &node["received"]["amount"],
            ]
            .map(|value| value.as_str().unwrap_or_default().to_owned())
        })
        .collect();
    items.sort();
    items
}

/// The items that wait for a person, oldest first, in these fields.
async fn open_items(merchant: &Merchant, fields: &str) -> Vec<Value> {
    let document = format!(
        "{{ reconciliationItems(filter: {{ open: true }}, first: 100) {{ edges {{ node {{ {fields} }} }} }} }}"
    );
    let seen = merchant.owner().await.data(&document, json!({})).await;
    let edges = seen["reconciliationItems"]["edges"].as_array();
    let nodes = edges.expect("edges").iter().rev();
    nodes.map(|edge| edge["node"].clone()).collect()
}

/// How many runs there are.
async fn runs(merchant: &Merchant) -> usize {
    let document = "{ reconciliationRuns(first: 100) { edges { cursor } } }";
    let seen = merchant.owner().await.data(document, json!({})).await;
    let edges = seen["reconciliationRuns"]["edges"].as_array();
    edges.expect("edges").len()
}

/// The next morning, when the day's bill is there.
fn next_morning(world: &World) {
    at(world, "2026-11-24T10:00:00+08:00");
}

fn at(world: &World, text: &str) {
    world.clock.set(text.parse().expect("an instant"));
}
