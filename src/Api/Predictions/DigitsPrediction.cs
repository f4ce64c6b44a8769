using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Models;

namespace MnistLstm.Api.Predictions;

/// <summary>All digits in a picture.</summary>
public sealed record DigitsPrediction
{
    /// <summary>One character for each digit, ? if <c>isDigit</c> is false, with \n between lines.</summary>
    public required string Text { get; init; }

    /// <summary>The digits in reading order: lines from top to bottom, digits from left to right.</summary>
    public required IReadOnlyList<PredictedDigit> Digits { get; init; }

    /// <summary>The model that read it.</summary>
    public required ModelReference Model { get; init; }
}

/// <summary>One of several digits.</summary>
public sealed record PredictedDigit
{
    /// <summary>The most probable digit, 0 to 9.</summary>
    public required int Digit { get; init; }

    /// <summary>Its probability, calibrated.</summary>
    public required float Probability { get; init; }

    /// <summary>[C = 10], index = digit; sums to 1.</summary>
    public required float[] Probabilities { get; init; }

    /// <summary>False if this is probably not a handwritten digit.</summary>
    public required bool IsDigit { get; init; }

    /// <summary>Number of its line; 0 is the uppermost.</summary>
    public required int Line { get; init; }

    /// <summary>The place of the digit.</summary>
    public required PictureBox Box { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(DigitsPrediction))]
public sealed partial class DigitsPredictionJson : JsonSerializerContext;
