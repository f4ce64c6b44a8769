using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Recognition;

namespace MnistLstm.Api.Predictions;

/// <summary>The digit in a picture.</summary>
public sealed record Prediction
{
    /// <summary>The most probable digit, 0 to 9.</summary>
    public required int Digit { get; init; }

    /// <summary>Its probability, calibrated.</summary>
    public required float Probability { get; init; }

    /// <summary>[C = 10], index = digit; sums to 1.</summary>
    public required float[] Probabilities { get; init; }

    /// <summary>False if the picture probably does not show one handwritten digit.</summary>
    public required bool IsDigit { get; init; }

    /// <summary>The place of the digit.</summary>
    public required PictureBox Box { get; init; }

    /// <summary>
    /// Clockwise rotation of the picture before it was read, in degrees. Only with <c>rotate=auto</c>.
    /// </summary>
    public int? Rotation { get; init; }

    /// <summary>The model that read it.</summary>
    public required ModelReference Model { get; init; }

    /// <summary>
    /// [T = 28, C = 10]: probabilities after rows 1 to t, with the rest blank. Only with <c>explain</c>.
    /// </summary>
    public float[][]? Rows { get; init; }

    /// <summary>The network's 28x28 input, as a PNG in a data URI. Only with <c>explain</c>.</summary>
    public string? Input { get; init; }

    /// <param name="pictures">The pictures of the request, all read.</param>
    /// <param name="picture">One of them, with a reading.</param>
    /// <param name="model">The model that read them.</param>
    internal static Prediction From(RequestPictures pictures, RequestPicture picture, ServedModel model)
    {
        ReadOnlySpan<float> probabilities = pictures.Readings.Probabilities(picture.Reading);
        int digit = TensorPrimitives.IndexOfMax(probabilities);
        return new Prediction
        {
            Digit = digit,
            Probability = probabilities[digit],
            Probabilities = probabilities.ToArray(),
            IsDigit = model.IsDigit(pictures.Readings, picture.Reading),
            Box = PictureBox.Of(pictures.Readings.Candidate(picture.Reading)!.Box),
            Rotation = pictures.Rotate ? picture.Rotation : null,
            Model = model.Reference,
        };
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Prediction))]
public sealed partial class PredictionJson : JsonSerializerContext;
