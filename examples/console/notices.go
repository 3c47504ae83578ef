package main

// notice is a message at the top of a page, or beside what it is about.
type notice struct {
	Kind  string // good, bad, warn or plain
	Title string
	Text  string
	Link  string // where to go on, and what the link says
	Says  string
	Allow bool // offers to contact the seller about the allowlist
}

// notices are those that a redirect shows, by the name in its query. A text of the query itself is never shown.
var notices = map[string]notice{
	"not-allowed": {
		Kind: "plain", Title: "Your account isn't on the seller's allowlist yet",
		Text: "Packages are sold to accounts on the allowlist. Contact us, and we add yours.", Allow: true,
	},
	"auto-on": {
		Kind: "good", Title: "Auto-renewal is on",
		Text: "The package renews itself before it ends, at the price that holds then. It is charged to your payment method.",
	},
	"auto-on-balance": {
		Kind: "good", Title: "Auto-renewal is on",
		Text: "The package renews itself before it ends, at the price that holds then. Keep your balance sufficient.",
	},
	"next-chosen": {
		Kind: "good", Title: "The change was chosen for the next period",
		Text: "Nothing is charged now, and what is paid stays as it is. You can undo it until the next period is paid for.",
	},
	"next-undone": {Kind: "good", Title: "The change was undone", Text: "The package renews as it is."},
	"auto-on-now": {
		Kind: "good", Title: "Auto-renewal is on",
		Text: "The paid time had ended, so the next period is due. The card says what became of its payment.",
	},
	"auto-on-later": {
		Kind: "plain", Title: "Auto-renewal is on, and nothing is charged yet",
		Text: "The package is out of service. Renew it by hand; from then on, it renews itself.",
	},
	"auto-off-ended": {
		Kind: "good", Title: "Auto-renewal is off",
		Text: "The package has ended. Nothing is owed, and no payment is tried again.",
	},
	"auto-off": {
		Kind: "good", Title: "Auto-renewal is off",
		Text: "The package ends with the period that is paid, and nothing more is charged. You can turn it on again at any time.",
	},
	"top-up-on": {
		Kind: "good", Title: "The automatic top-up is on",
		Text: "A pack is bought as soon as too few minutes are left: here, when you move the clock.",
	},
	"top-up-off": {
		Kind: "good", Title: "The automatic top-up is off", Text: "What was bought stays yours. An order that is open may still be paid.",
	},
	"deposited": {Kind: "good", Title: "The funds have arrived"},
	"method":    {Kind: "good", Title: "The payment method was changed"},
	"tax":       {Kind: "good", Title: "Your tax facts were saved", Text: "They concern orders from now on."},
	"allowed":   {Kind: "good", Title: "Your account is on the allowlist", Text: "You can buy packages now."},
	"welcome":   {Kind: "good", Title: "Welcome", Text: "Your account is open. It needs a payment method before you can buy."},
	"free":      {Kind: "good", Title: "Free minutes are yours", Text: "The first month's were granted now."},
	"go":        {Kind: "good", Title: "Pay-as-you-go is enabled", Text: "Usage that no minutes cover is billed by the day from now on."},
	"used":      {Kind: "good", Title: "The usage was counted"},
	"returns": {
		Kind: "plain", Title: "The bank approved the payment, and the money goes back",
		Text: "It told the console by a webhook. Nothing was delivered, since the order had been canceled or was no longer possible.",
	},
	"approved": {
		Kind: "good", Title: "The bank approved the payment",
		Text: "It told the console by a webhook, and the order was delivered.",
	},
	"refused": {Kind: "plain", Title: "The bank declined the payment", Text: "It told the console by a webhook. Nothing was delivered."},
	"chargeback": {
		Kind: "plain", Title: "The bank took the money back",
		Text: "It told the console by a webhook, and what was delivered was taken back.",
	},
	"given-back": {
		Kind: "plain", Title: "The provider returned the money",
		Text: "It told the console by a webhook. If that was all of it, what was delivered was taken back.",
	},
	"reinstated": {
		Kind: "good", Title: "The bank returned the money",
		Text: "It told the console by a webhook, and what hadn't ended was given again.",
	},
	"lost": {
		Kind: "plain", Title: "The bank keeps the money", Text: "It told the console by a webhook. Nothing more was taken back.",
	},
	"held": {
		Kind: "plain", Title: "It is done, and the console hasn’t heard of it",
		Text: "Notifications are held on the page of the payment provider. What is pending is asked about by the worker, or by you.",
	},
	"sent-hold":    {Kind: "plain", Title: "Notifications are held", Text: "They wait until you send them."},
	"sent-release": {Kind: "good", Title: "Notifications are sent", Text: "What waited was sent, in its order."},
	"sent-repeat": {
		Kind: "plain", Title: "The notifications were sent once more",
		Text: "The console asked the provider each time, and nothing has changed.",
	},
	"refund-failed": {Kind: "plain", Title: "The refund failed", Text: "The bank doesn't accept it. It told the console by a webhook."},
	"confirmed":     {Kind: "good", Title: "You confirmed the payment", Text: "The bank told the console by a webhook."},
	"not-confirmed": {
		Kind: "plain", Title: "You refused the payment", Text: "The bank told the console by a webhook. Nothing was charged.",
	},
	"staff-gift":    {Kind: "good", Title: "The minutes were given", Text: "They can be used at once."},
	"staff-correct": {Kind: "good", Title: "The usage was corrected", Text: "Its minutes can be used again."},
	"staff-retry":   {Kind: "plain", Title: "The payments were tried again", Text: "The latest orders say what became of them."},
	"staff-account": {Kind: "good", Title: "Another account pays from now on", Text: "Orders that were placed keep theirs."},
	"staff-close":   {Kind: "good", Title: "The application is closed"},
	"staff-erase":   {Kind: "good", Title: "What identifies a person was erased"},
	"staff-cancel-renewal": {
		Kind: "good", Title: "Auto-renewal is off", Text: "The package ends with the time that is paid, and nothing more is charged.",
	},
	"staff-renew":    {Kind: "good", Title: "Auto-renewal is on", Text: "The package renews itself before it ends."},
	"staff-deal":     {Kind: "good", Title: "The price is agreed", Text: "Renewals use it from now on."},
	"staff-end-deal": {Kind: "good", Title: "The agreed price has ended", Text: "Renewals are at list price again."},
	"staff-refund":   {Kind: "good", Title: "The refund was made", Text: "What became of it is below."},
	"staff-cancel":   {Kind: "good", Title: "The order was canceled", Text: "What became of its money is below."},
	"staff-review":   {Kind: "good", Title: "The review was closed"},
	"done":           {Kind: "good", Title: "It is marked as done", Text: "What was decided is a note on the customer’s page."},
	"noted":          {Kind: "good", Title: "The note was kept"},
	"mails-down":     {Kind: "plain", Title: "The mail server is down", Text: "Mails wait until it is up again."},
	"mails-up":       {Kind: "good", Title: "The mail server is up", Text: "What waited was sent."},
	"answered":       {Kind: "plain", Title: "The bank had answered before", Text: "Nothing has changed."},
	"open":           {Kind: "plain", Title: "The bank hasn't answered yet"},
	"returned":       {Kind: "good", Title: "The package was returned", Text: "The money goes back to where it came from."},
	"before":         {Kind: "plain", Title: "This request was made before", Text: "It was not made again, and nothing was paid twice."},
	"moved":          {Kind: "plain", Title: "The clock had been moved before", Text: "A second click moves it no further."},
}
