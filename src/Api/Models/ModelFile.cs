namespace MnistLstm.Api.Models;

/// <summary>The state of a model's file, for detecting changes.</summary>
/// <param name="Path">The path in the model folder.</param>
/// <param name="Target">The target if it is a link, otherwise the path itself.</param>
/// <param name="Written">Last write time, in UTC.</param>
/// <param name="Bytes">Its length.</param>
public sealed record ModelFile(string Path, string Target, DateTime Written, long Bytes)
{
    public string FileName => System.IO.Path.GetFileName(Path);

    /// <summary>Follows links, since Kubernetes volumes consist of them.</summary>
    public static ModelFile At(string path)
    {
        var link = new FileInfo(path);
        var file = (FileInfo?)link.ResolveLinkTarget(returnFinalTarget: true) ?? link;
        return new ModelFile(path, file.FullName, file.LastWriteTimeUtc, file.Exists ? file.Length : 0);
    }
}
