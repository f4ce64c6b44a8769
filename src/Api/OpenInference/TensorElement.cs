namespace MnistLstm.Api.OpenInference;

/// <summary>Where one element of a BYTES tensor lies in the body.</summary>
/// <param name="Start">First byte of its content.</param>
/// <param name="Length">Bytes of its content.</param>
/// <param name="Escaped">Whether JSON's escapes stand in it.</param>
internal readonly record struct TensorElement(int Start, int Length, bool Escaped);
