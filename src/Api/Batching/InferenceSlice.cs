namespace MnistLstm.Api.Batching;

/// <summary>Images of one request that belong to one batch.</summary>
/// <param name="Request">The request that the images belong to.</param>
/// <param name="First">Index of the first image.</param>
/// <param name="Count">Number of images.</param>
internal readonly record struct InferenceSlice(InferenceRequest Request, int First, int Count);
