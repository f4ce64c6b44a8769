namespace MnistLstm.Shared.Models;

/// <summary>Shares of pictures rejected at a model's threshold.</summary>
/// <param name="Digits">Share of the held-out digits as written.</param>
/// <param name="Pictures">Share of the same digits with blur, a wrong box or dirt.</param>
/// <param name="NonDigits">Share of drawn non-digits, by kind.</param>
public sealed record RejectionRates(double Digits, double Pictures, IReadOnlyDictionary<string, double> NonDigits);
