using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MnistLstm.Api.Batching;
using MnistLstm.Shared;

namespace MnistLstm.Api.OpenInference;

/// <summary>Copies numbers of a request to the rows that the network reads.</summary>
internal static class InferRows
{
    /// <summary>Bytes of one image as FP32.</summary>
    public const int ImageBytes = RowSequence.Length * sizeof(float);

    /// <summary>Beyond 0 and 1, for what rounding adds: 255 times the float next to 1 / 255 is a little over 1. A quarter of a pixel's step.</summary>
    private const float Tolerance = 1e-3f;

    /// <param name="values">[N, T = 28, I = 28] float32, little-endian, at any address.</param>
    /// <param name="inference">Receives the images.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public static string? Copy(ReadOnlySpan<byte> values, InferenceRequest inference)
    {
        string? problem = null;
        for (int n = 0; n < inference.Count && problem is null; n++)
        {
            Span<float> rows = inference.Rows(n);
            values.Slice(n * ImageBytes, ImageBytes).CopyTo(MemoryMarshal.AsBytes(rows));
            problem = FindValueProblem(rows, n);
        }

        return problem;
    }

    private static string? FindValueProblem(Span<float> rows, int n)
    {
        // A NaN comes out of both and is no number that compares.
        float min = TensorPrimitives.Min(rows);
        float max = TensorPrimitives.Max(rows);
        if (min >= -Tolerance && max <= 1 + Tolerance)
        {
            if (min < 0 || max > 1)
            {
                // A model with byte weights takes its range from the whole batch.
                TensorPrimitives.Max(rows, 0, rows);
                TensorPrimitives.Min(rows, 1, rows);
            }

            return null;
        }

        int i = 0;
        while (rows[i] >= -Tolerance && rows[i] <= 1 + Tolerance)
        {
            i++;
        }

        return $"Image {n} of {InferInput.Name} has the value {rows[i]} in row {i / RowSequence.Features} at pixel {i % RowSequence.Features}. "
            + "Values are from 0, paper, to 1, ink: pixels of 0 to 255 are to be divided by 255.";
    }
}
