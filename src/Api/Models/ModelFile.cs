namespace MnistLstm.Api.Models;

/// <summary>A model's file as the file system shows it, to tell whether it has changed.</summary>
/// <param name="Path">The path in the model folder.</param>
/// <param name="Target">The file that it links to, or itself.</param>
/// <param name="Written">When the content was written last, in UTC.</param>
/// <param name="Bytes">Its length.</param>
public sealed record ModelFile(string Path, string Target, DateTime Written, long Bytes)
{
    public string FileName => System.IO.Path.GetFileName(Path);

    /// <summary>Follows links, as volumes of orchestrators are made of them.</summary>
    public static ModelFile At(string path)
    {
        var link = new FileInfo(path);
        var file = (FileInfo?)link.ResolveLinkTarget(returnFinalTarget: true) ?? link;
        return new ModelFile(path, file.FullName, file.LastWriteTimeUtc, file.Exists ? file.Length : 0);
    }
}
