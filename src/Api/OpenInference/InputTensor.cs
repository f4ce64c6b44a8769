using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>The model's one input as a request describes it.</summary>
internal sealed class InputTensor : IDisposable
{
    /// <summary>Twice as many as any input has.</summary>
    private const int MaxRank = 6;

    private const string Name = $"input '{ModelContract.Input}'";

    private readonly long[] _shape = new long[MaxRank];
    private int _rank;

    /// <summary>Shortened where it is a long text that is not one of ours.</summary>
    public string? Datatype { get; set; }

    /// <summary>Bytes behind the JSON, in place of <see cref="Data"/>.</summary>
    public long? BinarySize { get; set; }

    public TensorData? Data { get; set; }

    /// <summary>Whether it is encoded images; rows otherwise.</summary>
    public bool IsBytes => Datatype == InferenceProtocol.Bytes;

    /// <summary>N, once checked.</summary>
    public int Count => (int)_shape[0];

    private ReadOnlySpan<long> Shape => _shape.AsSpan(0, _rank);

    /// <returns>False if there are too many.</returns>
    public bool TryAddDimension(long length)
    {
        if (_rank == MaxRank)
        {
            return false;
        }

        _shape[_rank++] = length;
        return true;
    }

    /// <summary>Checks that datatype, shape and data agree with each other and with the model.</summary>
    /// <param name="binaryBytes">Bytes that follow the JSON.</param>
    /// <param name="maxImages">N at most.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public string? FindProblem(int binaryBytes, int maxImages)
    {
        if (Datatype is not (InferenceProtocol.Fp32 or InferenceProtocol.Bytes))
        {
            return $"The {Name} is {InferenceProtocol.Fp32} or {InferenceProtocol.Bytes}, not '{Datatype}'.";
        }

        return FindShapeProblem(maxImages) ?? (Data is null ? FindBinaryProblem(binaryBytes) : FindDataProblem(Data, binaryBytes));
    }

    public void Dispose() => Data?.Dispose();

    private string? FindShapeProblem(int maxImages)
    {
        bool fits = IsBytes ? Shape.Length == 1 : Shape is [_, RowSequence.TimeSteps, RowSequence.Features];
        if (!fits || Shape[0] < 0)
        {
            string expected = IsBytes ? "[N]" : $"[N, {RowSequence.TimeSteps}, {RowSequence.Features}]";
            return $"The {Name} of datatype {Datatype} has shape {expected} with N of at least 1, not {ShapeText()}.";
        }

        return Shape[0] == 0 ? $"The {Name} of shape {ShapeText()} holds no image."
            : Shape[0] > maxImages ? $"The {Name} has {Shape[0]} images, and one request may have {maxImages}."
            : null;
    }

    private string? FindDataProblem(TensorData data, int binaryBytes)
    {
        if (BinarySize is not null)
        {
            return $"The {Name} has both 'data' and 'binary_data_size': give one of them.";
        }

        if (binaryBytes > 0)
        {
            return $"{binaryBytes} bytes follow the JSON, and no input has a 'binary_data_size'.";
        }

        int expected = IsBytes ? Count : Count * RowSequence.Length;
        int found = IsBytes ? data.Elements.Count : data.Values.Length;
        if (found == 0 && (IsBytes ? data.Values.Length : data.Elements.Count) > 0)
        {
            return IsBytes
                ? $"The {Name} of datatype {Datatype} takes strings, image files in base64, not numbers."
                : $"The {Name} of datatype {Datatype} takes numbers, not strings.";
        }

        return found != expected ? $"The {Name} of shape {ShapeText()} takes {expected} values, not {found}."
            : !data.IsNestedAs(Shape) ? $"The data of {Name} is to be flat, or nested as its shape {ShapeText()} says."
            : null;
    }

    private string? FindBinaryProblem(int binaryBytes)
    {
        if (BinarySize is not { } size)
        {
            return $"The {Name} has neither 'data' nor 'binary_data_size'.";
        }

        if (!IsBytes && size != (long)Count * RowSequence.Length * sizeof(float))
        {
            return $"The {Name} of shape {ShapeText()} takes {(long)Count * RowSequence.Length * sizeof(float)} bytes, not a 'binary_data_size' of {size}.";
        }

        return size != binaryBytes
            ? $"The inputs have {size} bytes of binary data by their 'binary_data_size', and {binaryBytes} follow the JSON ({InferenceProtocol.HeaderLength} says where it ends)."
            : null;
    }

    private string ShapeText() => $"[{string.Join(", ", Shape.ToArray())}]";
}
