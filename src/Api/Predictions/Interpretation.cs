using System.Numerics.Tensors;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;

namespace MnistLstm.Api.Predictions;

/// <summary>Probabilities → prediction.</summary>
public static class Interpretation
{
    /// <param name="model">Has computed the request.</param>
    /// <param name="request">Computed.</param>
    /// <param name="n">Which of its images.</param>
    public static Prediction Interpret(this ServedModel model, InferenceRequest request, int n)
    {
        ReadOnlySpan<float> probabilities = request.Probabilities(n);
        int digit = TensorPrimitives.IndexOfMax(probabilities);
        return new Prediction
        {
            Digit = digit,
            Probability = probabilities[digit],
            Probabilities = probabilities.ToArray(),
            IsDigit = model.IsDigit(request, n),
            Model = model.Reference,
        };
    }
}
