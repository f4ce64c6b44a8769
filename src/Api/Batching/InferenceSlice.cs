namespace MnistLstm.Api.Batching;

/// <summary>Images of one request that are computed in one batch.</summary>
/// <param name="Request">The request that the images belong to.</param>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
internal readonly record struct InferenceSlice(InferenceRequest Request, int First, int Count);
