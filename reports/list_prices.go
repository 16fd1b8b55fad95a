package reports

type itemFacts struct{}
