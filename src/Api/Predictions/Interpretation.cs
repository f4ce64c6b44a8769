using System.Numerics.Tensors;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Recognition;

namespace MnistLstm.Api.Predictions;

/// <summary>Probabilities → prediction.</summary>
public static class Interpretation
{
    /// <param name="model">Has read the pictures.</param>
    /// <param name="pictures">Read.</param>
    /// <param name="picture">One of them, with a reading.</param>
    public static Prediction Interpret(this ServedModel model, RequestPictures pictures, RequestPicture picture)
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
