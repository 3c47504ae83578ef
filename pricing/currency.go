package pricing

import (
	"fmt"
	"strings"
)

// Currency is an ISO 4217 alphabetic code in upper case, such as "USD". The zero value means no currency.
type Currency string

// minorDigits lists the active ISO 4217 currencies by the number of digits of their minor unit. Funds, metals and testing
// codes are left out: nobody is billed in them.
//
//nolint:gochecknoglobals // a table that is never written
var minorDigits = func(byDigits map[int]string) map[Currency]int {
	m := make(map[Currency]int)
	for digits, codes := range byDigits {
		for code := range strings.FieldsSeq(codes) {
			m[Currency(code)] = digits
		}
	}
	return m
}(map[int]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
	2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
		CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
		HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
		MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
		SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED
		VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
	3: "BHD IQD JOD KWD LYD OMR TND",
	4: "CLF UYW",
})

// Digits returns the number of decimal digits of the currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD. It returns
// [ErrCurrency] if the code is not an active ISO 4217 currency.
func (c Currency) Digits() (int, error) {
	digits, ok := minorDigits[c]
	if !ok {
		return 0, fmt.Errorf("%w: %.16q", ErrCurrency, string(c))
	}
	return digits, nil
}
