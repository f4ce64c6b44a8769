using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>The images of a request: as rows that the network reads, or as pictures.</summary>
internal sealed class InferInput : IDisposable
{
    /// <summary>The input's name in sentences.</summary>
    public const string Name = $"input '{ModelContract.Input}'";

    /// <summary>Why there are no images.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Images of FP32.</summary>
    public InferenceRequest? Rows { get; init; }

    /// <summary>Images of BYTES.</summary>
    public RequestPictures? Pictures { get; init; }

    /// <summary>All images, once computed.</summary>
    public InferenceRequest Images => Rows ?? Pictures!.Readings;

    public static InferInput Refuse(string problem) => new() { Problem = new Problem(ProblemType.BadInference, problem) };

    /// <summary>The problem of the first picture that has one; null where all were read.</summary>
    public Problem? FindPictureProblem()
    {
        ReadOnlySpan<RequestPicture> all = Pictures is null ? [] : Pictures.All;
        for (int n = 0; n < all.Length; n++)
        {
            if (all[n].Problem is { } problem)
            {
                return new Problem(ProblemType.BadInference, $"Element {n} of {Name}: {problem.Detail}");
            }
        }

        return null;
    }

    public void Dispose()
    {
        Rows?.Dispose();
        Pictures?.Dispose();
    }
}
