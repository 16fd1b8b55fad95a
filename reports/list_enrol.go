package reports

type premiumFacts struct{}
